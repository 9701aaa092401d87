"""The seeds put together: what a scenario does, for whom, at what cost, and how sure that is."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

import clustersim
from clustersim.experiments.comparison.choice import Choice, choices
from clustersim.experiments.comparison.effects import Effect, known
from clustersim.experiments.comparison.flows import Course, course
from clustersim.experiments.comparison.frames import frame
from clustersim.experiments.comparison.groups import Groups, winners_and_losers
from clustersim.experiments.comparison.money import Money, Prices, money
from clustersim.experiments.comparison.outcomes import Contrast, Cost, contrasts, costs
from clustersim.experiments.comparison.rivals import Rivals, rivals
from clustersim.experiments.comparison.seen import Seen
from clustersim.experiments.comparison.stages import life_cycle
from clustersim.experiments.comparison.weathering import Weathered, Weathering, weathering
from clustersim.experiments.counterpart import ALL, Difference
from clustersim.experiments.uncertainty import Estimate, mean

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False)
class Compared:
    """A scenario against its counterpart.

    Attributes
    ----------
    name, title, other
        Short name and title of the scenario, title of the counterpart.
    euro
        Public money that it took more, euro, not discounted.
    contrasts, costs
        Outcomes, and what one more costs, not discounted.
    groups, money, stages, course
        Winners and losers; present values; the life cycle; jobs over the years.
    weathering
        Effect on resilience; None if it was not looked at, or no shock strikes.
    """

    name: str
    title: str
    other: str
    euro: Estimate
    contrasts: tuple[Contrast, ...]
    costs: tuple[Cost, ...]
    groups: Groups
    money: Money
    stages: tuple[Effect, ...]
    course: Course
    weathering: Weathering | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return everything as one dictionary that JSON can hold."""
        return {
            "scenario": self.name,
            "title": self.title,
            "with": self.other,
            "euro": known(self.euro.value),
            "outcomes": [one.to_dict() for one in self.contrasts],
            "costs": [one.to_dict() for one in self.costs],
            "groups": self.groups.to_dict(),
            "money": self.money.to_dict(),
            "stages": [one.to_dict() for one in self.stages],
            "course": self.course.to_dict(),
            "weathering": None if self.weathering is None else self.weathering.to_dict(),
        }


@dataclass(frozen=True, eq=False)
class Comparison:
    """What several scenarios do against their counterparts, over seeds.

    Attributes
    ----------
    seeds
        Numbers of the seeds.
    cases
        The scenarios.
    rivals
        Scenario against scenario, by outcome and net present value; nothing of one alone.
    choices
        Dominance and acceptability; nothing where no scenario takes money.
    same_counterpart
        Whether all are compared with the same runs; else `rivals` and `choices` hold differences
        against each other that were taken from different things.
    """

    seeds: tuple[int, ...]
    cases: tuple[Compared, ...]
    rivals: tuple[Rivals, ...]
    choices: tuple[Choice, ...]
    same_counterpart: bool

    def __repr__(self) -> str:
        """Return scenarios and number of seeds."""
        names = ", ".join(one.name for one in self.cases)
        return f"<Comparison of {names}; {len(self.seeds)} seeds>"

    def words(self) -> str:
        """Return in a few sentences what each scenario changes, and what that costs."""
        return "\n".join(words(case, len(self.seeds)) for case in self.cases)

    def frame(self, name: str = "outcomes") -> pd.DataFrame:
        """Return a table as a pandas DataFrame.

        Parameters
        ----------
        name
            ``"outcomes"``, effects with intervals of 95 %; ``"money"``, present values;
            ``"costs"`` of one more; ``"groups"``, who gains and who loses; ``"concentration"`` of
            jobs; ``"stages"`` of clusters; ``"course"``, jobs over the years; ``"rivals"``, how
            often one beats another; ``"choices"``, dominance; ``"acceptability"`` by willingness
            to pay.

        Raises
        ------
        KeyError
            If there is no such table.
        """
        return frame(self.to_dict(), name)

    def to_dict(self) -> dict[str, Any]:
        """Return everything as one dictionary that JSON can hold."""
        return {
            "seeds": list(self.seeds),
            "version": clustersim.__version__,
            "same_counterpart": self.same_counterpart,
            "cases": [case.to_dict() for case in self.cases],
            "rivals": [one.to_dict() for one in self.rivals],
            "choices": [one.to_dict() for one in self.choices],
        }


class Named(NamedTuple):
    """How a scenario and its counterpart are called."""

    name: str
    title: str
    other: str


USUAL: Final = Prices()
WORTH: Final = "net present value"
"""What scenarios are held against each other in besides their outcomes."""


def judge(
    name: str,
    title: str,
    other: str,
    seen: Sequence[Seen],
    *,
    prices: Prices = USUAL,
    base: float | None = None,
    shaken: Sequence[Weathered | None] = (),
) -> Compared:
    """Put the seeds of a scenario together.

    Parameters
    ----------
    name, title, other
        Short name and title of the scenario, title of the counterpart.
    seen
        One for each seed.
    prices
        What effects are worth, and how the future counts.
    base
        Calendar year to which money is discounted; if not given, that in which the scenario and its
        counterpart begin to differ.
    shaken
        How jobs weather shocks, one for each seed; nothing if that was not looked at.
    """
    euro = np.array([one.euro for one in seen])
    found = [one.differences for one in seen]
    return Compared(
        name=name,
        title=title,
        other=other,
        euro=mean(euro),
        contrasts=contrasts(found),
        costs=costs(found, euro),
        groups=winners_and_losers([one.places for one in seen]),
        money=money([one.flows for one in seen], prices, base),
        stages=life_cycle([one.lives for one in seen]),
        course=course([one.flows for one in seen]),
        weathering=weathering(shaken),
    )


def put_together(
    seeds: Sequence[int],
    names: Sequence[Named],
    seen: Sequence[Sequence[Seen]],
    *,
    prices: Prices = USUAL,
    shaken: Sequence[Sequence[Weathered | None]] | None = None,
) -> Comparison:
    """Judge several scenarios, and hold them against each other.

    Parameters
    ----------
    seeds
        Numbers of the n seeds.
    names
        How the K scenarios and their counterparts are called, no two alike.
    seen
        Of each scenario at each seed, K of n.
    prices
        What effects are worth, and how the future counts.
    shaken
        How jobs weather shocks, of each scenario at each seed; None if that was not looked at.
    """
    base = min(one.flows.begins for several in seen for one in several)
    labels = [one.name for one in names]
    courses = shaken or [()] * len(names)
    cases = tuple(
        judge(label, one.title, one.other, several, prices=prices, base=base, shaken=shocks)
        for label, one, several, shocks in zip(labels, names, seen, courses, strict=True)
    )
    differences = {
        case.name: [
            (*one.differences, Difference(WORTH, "euro", ALL, float(worth), 0.0))
            for one, worth in zip(several, case.money.worth, strict=True)
        ]
        for case, several in zip(cases, seen, strict=True)
    }
    return Comparison(
        seeds=tuple(seeds),
        cases=cases,
        rivals=rivals(differences),
        choices=choices({case.name: case.money for case in cases}),
        same_counterpart=_same(seen),
    )


def _same(seen: Sequence[Sequence[Seen]]) -> bool:
    """Tell whether the counterparts of all scenarios are the same in jobs and product."""
    first = seen[0]
    return all(
        np.array_equal(getattr(mine.flows, name)[1], getattr(theirs.flows, name)[1])
        for several in seen[1:]
        for mine, theirs in zip(several, first, strict=True)
        for name in ("jobs", "product", "innovations", "euro")
    )


def words(case: Compared, seeds: int) -> str:
    """Return in a few sentences what a scenario changes, and what that costs."""
    sure = [one for one in case.contrasts if one.sure]
    text = [
        f"{case.title} against {case.other}, {seeds} seeds: {len(sure)} of "
        f"{len(case.contrasts)} outcomes differ for sure, all of them together at 95 %."
    ]
    if case.euro.value:
        text.append(f"It takes {case.euro.value / 1e6:,.1f} million euro of public money more.")
    saved = [one.saved for one in case.contrasts if not math.isnan(one.saved)]
    if saved:
        text.append(f"The same luck saves {np.median(saved):.1%} of the runs (median).")
    return " ".join(text)
