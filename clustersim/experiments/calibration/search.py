"""The search: trials are chosen in batches, run on all cores, and kept in a journal.

The strategy is covariance matrix adaptation (Hansen 2016), a batch being a generation: the loss is
smooth in two dozen parameters that work together, and a good start is known.

The journal is a file of one line per event. A search that was interrupted goes on from it, and
finds the same as one that was not: what was not finished is run again.
"""

from __future__ import annotations

import json
import logging
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from clustersim.experiments.calibration import CalibrationError
from clustersim.experiments.calibration.objective import (
    figures,
    losses,
    mean_figures,
    total,
)
from clustersim.experiments.calibration.study import Study, read_study, scenario_of
from clustersim.experiments.validation.scorecard import Job
from clustersim.experiments.workers import each

if TYPE_CHECKING:
    import optuna

JOURNAL: Final = "trials.jsonl"
BEST: Final = "best.yaml"
RESULT: Final = "calibration.json"

_FIGURES: Final = "figures"
_NO_RUN: Final = 1e6
"""Loss of a parameter set with which a run fails."""

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Calibration:
    """What a search found.

    Attributes
    ----------
    title
        Of the study.
    n_trials
        Trials done.
    parameters
        The best parameter set, by dotted name.
    loss
        Its loss.
    figures, losses
        Its figures, and the part of each in the loss.
    first_loss
        Loss of the first trial, which has the values that the search starts from.
    course
        Lowest loss after each trial.
    """

    title: str
    n_trials: int
    parameters: dict[str, float]
    loss: float
    figures: dict[str, float]
    losses: dict[str, float]
    first_loss: float
    course: tuple[float, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return it for JSON."""
        return {**vars(self), "course": list(self.course)}

    def words(self) -> str:
        """Return what came out, in a few sentences."""
        worst = sorted(self.losses, key=lambda name: -self.losses[name])[:5]
        return (
            f"{self.title}: {self.n_trials} trials; the loss fell from {self.first_loss:.3f} to "
            f"{self.loss:.3f}.\nWhat fits least: "
            + ", ".join(f"{name} ({self.figures[name]:.3g})" for name in worst)
            + "."
        )


def calibrate(
    study_file: str | Path,
    out: str | Path,
    *,
    trials: int | None = None,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Calibration:
    """Search for the parameters that bring the simulated economy nearest to the facts.

    Parameters
    ----------
    study_file
        The study.
    out
        Folder of the journal; a search that lies there already goes on.
    trials
        Trials in all, instead of the study's number.
    workers
        Processes; as many as there are cores if not given.
    progress
        Told after each batch how many trials are done, and of how many.

    Raises
    ------
    ScenarioError
        If the study cannot be used.
    CalibrationError
        If the folder holds another study's trials, or optuna is missing.
    """
    study = read_study(study_file)
    wanted = trials or study.trials
    folder = Path(out)
    folder.mkdir(parents=True, exist_ok=True)
    search = _open(study, folder)
    source = scenario_of(study, Path(study_file))
    while (done := len(_complete(search))) < wanted:
        _batch(search, study, source, wanted - done, workers)
        if progress is not None:
            progress(len(_complete(search)), wanted)
    found = _found(search, study)
    document = json.dumps(found.to_dict(), indent=2, allow_nan=True)
    (folder / RESULT).write_text(document.replace("NaN", "null") + "\n", encoding="utf-8")
    (folder / BEST).write_text(_scenario(study, found), encoding="utf-8")
    return found


def evaluated(job: Job) -> dict[str, float] | None:
    """Return the figures of one run; None if it fails with these parameters."""
    try:
        return figures(job.panel())
    except (ArithmeticError, ValueError):
        return None


def _open(study: Study, folder: Path) -> optuna.Study:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import cmaes  # noqa: F401  # which the search would miss only later
            import optuna
            from optuna.storages import JournalStorage
            from optuna.storages.journal import JournalFileBackend
    except ImportError:
        raise CalibrationError(
            "calibrating needs optuna and cmaes: pip install 'clustersim[calibration]'"
        ) from None
    optuna.logging.set_verbosity(logging.WARNING)
    storage = JournalStorage(JournalFileBackend(str(folder / JOURNAL)))
    search = optuna.create_study(
        storage=storage, study_name="calibration", direction="minimize", load_if_exists=True
    )
    identity = study.model_dump(mode="json", exclude={"trials", "title"})
    before = search.user_attrs.get("study")
    if before is None:
        search.set_user_attr("study", identity)
    elif before != identity:
        changed = sorted(key for key in identity if identity[key] != before.get(key))
        raise CalibrationError(
            f"{folder} holds the trials of another study (it differs in {', '.join(changed)}); "
            "choose another folder"
        )
    return search


def _complete(search: optuna.Study) -> list[Any]:
    from optuna.trial import TrialState

    return search.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))


def _batch(
    search: optuna.Study, study: Study, source: str, wanted: int, workers: int | None
) -> None:
    """Choose some parameter sets, run them at all seeds, and note their losses."""
    import optuna

    sets = _chosen(search, study)[:wanted]
    jobs = [
        Job(source, seed, (("years", study.years), *study.fixed.items(), *values.items()))
        for values in sets
        for seed in study.seeds
    ]
    found = each(evaluated, jobs, workers=workers)
    ranges = {
        name: optuna.distributions.FloatDistribution(free.low, free.high, log=free.log)
        for name, free in study.parameters.items()
    }
    for k, values in enumerate(sets):
        runs = found[k * len(study.seeds) : (k + 1) * len(study.seeds)]
        known = [run for run in runs if run is not None]
        whole = len(known) == len(runs)
        mean = mean_figures(known) if whole else {}
        search.add_trial(
            optuna.trial.create_trial(
                params=dict(values),
                distributions=dict(ranges),
                value=total(mean) if whole else _NO_RUN,
                user_attrs={_FIGURES: json.dumps(mean)},
            )
        )


def _chosen(search: optuna.Study, study: Study) -> list[dict[str, float]]:
    """Return the parameter sets that come next: the rest of a generation, at first with the start.

    The strategy is told all that is known again, generation by generation, so that it stands where
    it would without any interruption.
    """
    from cmaes import CMA

    free = study.parameters
    start = np.array([one.to_unit(one.start) for one in free.values()])
    strategy = CMA(
        mean=start,
        sigma=study.spread,
        bounds=np.tile([0.0, 1.0], (start.size, 1)),
        population_size=study.batch,
        seed=study.seed,
    )
    values = [trial.value for trial in _complete(search)]
    while True:
        generation = [strategy.ask() for _ in range(study.batch)]
        known = values[1 : 1 + study.batch]
        if len(known) < study.batch:
            break
        strategy.tell(list(zip(generation, known, strict=True)))
        del values[1 : 1 + study.batch]
    following = generation[len(known) :] if values else [start, *generation]
    return [
        {name: one.from_unit(float(x)) for (name, one), x in zip(free.items(), unit, strict=True)}
        for unit in following
    ]


def _found(search: optuna.Study, study: Study) -> Calibration:
    complete = _complete(search)
    best = min(complete, key=lambda trial: (trial.value, trial.number))
    mean: Mapping[str, float] = json.loads(best.user_attrs[_FIGURES])
    course: list[float] = []
    for trial in complete:
        course.append(min(trial.value, course[-1]) if course else trial.value)
    return Calibration(
        title=study.title,
        n_trials=len(complete),
        parameters=dict(best.params),
        loss=best.value,
        figures=dict(mean),
        losses=losses(mean),
        first_loss=complete[0].value,
        course=tuple(course),
    )


def _scenario(study: Study, found: Calibration) -> str:
    """Return the best parameter set as a scenario file."""
    lines = [
        "schema_version: 1",
        f'title: "{study.title}: the best of {found.n_trials} trials"',
        f"extends: {study.scenario}",
        "set:",
    ]
    values = {**study.fixed, **found.parameters}
    return "\n".join(
        [*lines, *(f"  {name}: {value:.6g}" for name, value in values.items() if _is_set(name))]
    ) + _world(values)


def _is_set(name: str) -> bool:
    return not name.startswith("world.")


def _world(values: Mapping[str, Any]) -> str:
    """Return the values of the world's own section, nested as a scenario file has them."""
    nested: dict[str, Any] = {}
    for name, value in values.items():
        if not _is_set(name):
            *path, last = name.split(".")
            place = nested
            for part in path:
                place = place.setdefault(part, {})
            place[last] = value
    return "\n" + "".join(_nested(nested, 0))


def _nested(values: Mapping[str, Any], depth: int) -> list[str]:
    lines = []
    for name, value in values.items():
        if isinstance(value, dict):
            lines += ["  " * depth + f"{name}:\n", *_nested(value, depth + 1)]
        else:
            lines.append("  " * depth + f"{name}: {value:.6g}\n")
    return lines
