"""The search for a front: generations of candidates, tried together and kept in a journal.

Candidates are chosen by NSGA-II (Deb, Pratap, Agarwal & Meyarivan 2002, *IEEE Transactions on
Evolutionary Computation* 6, 182) as optuna has it, from a first generation that fills the space
(Sobol's sequence). The journal is a file of one line per event. Before each generation the search
is told all that is known again, generation by generation, so that one that was interrupted goes on
as if it had not been, and values that change as more becomes known (regret) are those of now.
"""

from __future__ import annotations

import json
import logging
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from scipy.stats import qmc

from clustersim.experiments.optimise import OptimisationError
from clustersim.experiments.optimise.robust import scored, told
from clustersim.experiments.sweep.points import MissingExtraError
from clustersim.experiments.sweep.study import Factor, Optimisation
from clustersim.world.types import Floats

JOURNAL: Final = "trials.jsonl"
_SPREAD: Final = 5.0
"""Distribution index of simulated binary crossover: the smaller, the further children are away."""
_MUTATION: Final = 0.2
"""Largest chance that a lever of a candidate is drawn anew."""
_OUTCOMES: Final = "outcomes"
_FAILED: Final = "failed"


@dataclass(frozen=True, eq=False)
class Candidate:
    """A setting of the levers that was tried.

    Attributes
    ----------
    number
        From 0 on, in the order in which they were chosen.
    shares, values
        Of the levers, by dotted name: shares of their ranges, and values.
    outcomes
        Outcomes and effects by key, of points and seeds; None if a run failed.
    failed
        Why, if one did.
    """

    number: int
    shares: Mapping[str, float]
    values: Mapping[str, Any]
    outcomes: Mapping[str, Floats] | None
    failed: str | None = None


Tried = tuple[Mapping[str, Floats] | None, str | None]
"""Outcomes of a candidate and why it failed; one of them is None."""
Evaluate = Callable[[Sequence[Mapping[str, Any]]], list[Tried]]
"""Tries candidates, given the values of the levers."""


class Journal:
    """What is known of a search, in a file.

    Parameters
    ----------
    folder
        Where it is; made if it is not there.
    identity
        What the search is; another one does not go on in the same folder.
    goals
        How many there are.

    Raises
    ------
    OptimisationError
        If another search is there.
    MissingExtraError
        If optuna is not installed.
    """

    def __init__(self, folder: Path, identity: Mapping[str, Any], goals: int) -> None:
        optuna = _optuna()
        from optuna.storages import JournalStorage
        from optuna.storages.journal import JournalFileBackend

        folder.mkdir(parents=True, exist_ok=True)
        self._trials = optuna.create_study(
            storage=JournalStorage(JournalFileBackend(str(folder / JOURNAL))),
            study_name="optimisation",
            directions=["minimize"] * goals,
            load_if_exists=True,
        )
        before = self._trials.user_attrs.get("study")
        if before is None:
            self._trials.set_user_attr("study", dict(identity))
        elif before != identity:
            changed = sorted(key for key in identity if identity[key] != before.get(key))
            raise OptimisationError(
                f"{folder} holds another search (it differs in {', '.join(changed)}); choose "
                "another folder"
            )

    def candidates(self, levers: Mapping[str, Factor]) -> list[Candidate]:
        """Return what was tried, in order."""
        found = []
        for trial in self._trials.get_trials(deepcopy=False):
            kept = trial.user_attrs
            outcomes = kept[_OUTCOMES] and {
                key: np.array(value, dtype=np.float64)
                for key, value in json.loads(kept[_OUTCOMES]).items()
            }
            values = {name: levers[name].at(share) for name, share in trial.params.items()}
            found.append(
                Candidate(trial.number, dict(trial.params), values, outcomes, kept[_FAILED])
            )
        return found

    def add(self, shares: Mapping[str, float], tried: Tried, values: Sequence[float]) -> None:
        """Keep a candidate, with what it seems to be worth now."""
        from optuna.trial import create_trial

        outcomes, failed = tried
        kept = outcomes and json.dumps({key: value.tolist() for key, value in outcomes.items()})
        self._trials.add_trial(
            create_trial(
                params=dict(shares),
                distributions=_ranges(shares),
                values=[float(one) for one in values],
                user_attrs={_OUTCOMES: kept, _FAILED: failed},
            )
        )

    def kept(self, name: str) -> Any:
        """Return something else that was kept; None if it was not."""
        return self._trials.user_attrs.get(name)

    def keep(self, name: str, value: Any) -> None:
        """Keep something else, which JSON can hold."""
        self._trials.set_user_attr(name, value)


def search(
    section: Optimisation,
    levers: Mapping[str, Factor],
    evaluate: Evaluate,
    journal: Journal,
    *,
    most: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> list[Candidate]:
    """Try candidates, a generation at a time, until there are as many as asked for.

    Parameters
    ----------
    section
        Goals, and how long to search.
    levers
        Which can be chosen, by dotted name.
    evaluate
        Tries candidates. Those with the values of an earlier one are not tried again.
    journal
        What is known already.
    most
        Candidates in all, instead of the number of the section.
    progress
        Told after each generation how many candidates are done, and of how many.
    """
    wanted = most or section.candidates
    while (n := len(known := journal.candidates(levers))) < wanted:
        following = proposed(section, list(levers), known)[: wanted - n]
        values = [
            {name: levers[name].at(share) for name, share in one.items()} for one in following
        ]
        before = {_digest(one.values): (one.outcomes, one.failed) for one in known}
        fresh = {_digest(one): one for one in values if _digest(one) not in before}
        before |= dict(zip(fresh, evaluate(list(fresh.values())), strict=True))
        tried = [before[_digest(one)] for one in values]
        worth = told(scored(section, [*(one.outcomes for one in known), *(t[0] for t in tried)]))
        for shares, one, costs in zip(following, tried, worth[n:], strict=True):
            journal.add(shares, one, costs)
        if progress is not None:
            progress(n + len(following), wanted)
    return known[:wanted]


def proposed(
    section: Optimisation, names: Sequence[str], known: Sequence[Candidate]
) -> list[dict[str, float]]:
    """Return the candidates that come next, as shares of the ranges: the rest of a generation."""
    size = section.generation
    if len(known) < size:
        filling = qmc.Sobol(len(names), scramble=True, rng=np.random.default_rng(section.seed))
        first = filling.random_base2((size - 1).bit_length())[:size]
        return [dict(zip(names, map(float, row), strict=True)) for row in first[len(known) :]]
    optuna = _optuna()
    from optuna.trial import create_trial

    worth = told(scored(section, [one.outcomes for one in known]))
    generation = len(known) // size
    luck = np.random.SeedSequence([section.seed, generation]).generate_state(1)
    ranges = _ranges(dict.fromkeys(names, 0.0))
    with warnings.catch_warnings():
        # The crossover is called experimental since 2022.
        warnings.simplefilter("ignore")
        sampler = optuna.samplers.NSGAIISampler(
            population_size=size,
            crossover=optuna.samplers.nsgaii.SBXCrossover(eta=_SPREAD),
            # Of few levers, one of each candidate would be drawn anew, and nothing be learnt.
            mutation_prob=min(_MUTATION, 1.0 / len(names)),
            seed=int(luck[0]),
        )
        replay = optuna.create_study(directions=["minimize"] * worth.shape[1], sampler=sampler)
        mark = _generation_mark(replay, ranges)
        replay = optuna.create_study(directions=["minimize"] * worth.shape[1], sampler=sampler)
        for place, (one, costs) in enumerate(zip(known, worth, strict=True)):
            if place < generation * size:
                replay.add_trial(
                    create_trial(
                        params=dict(one.shares),
                        distributions=ranges,
                        values=[float(cost) for cost in costs],
                        system_attrs={mark: place // size},
                    )
                )
        following = [dict(replay.ask(ranges).params) for _ in range(size)]
    return following[len(known) - generation * size :]


def _generation_mark(empty: Any, ranges: Mapping[str, Any]) -> str:
    """Return the name under which the sampler notes the generation of a trial.

    It has changed between versions of optuna, and is seen at the first trial of an empty study.
    """
    empty.ask(dict(ranges))
    (found,) = (name for name in empty.trials[0].system_attrs if name.endswith("generation"))
    return str(found)


def _digest(values: Mapping[str, Any]) -> str:
    return json.dumps(dict(values), sort_keys=True)


def _ranges(shares: Mapping[str, float]) -> dict[str, Any]:
    from optuna.distributions import FloatDistribution

    return {name: FloatDistribution(0.0, 1.0) for name in shares}


def _optuna() -> Any:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import optuna
    except ImportError:
        raise MissingExtraError(
            "optimising needs optuna; install it by `pip install 'clustersim[optimisation]'`"
        ) from None
    optuna.logging.set_verbosity(logging.WARNING)
    return optuna
