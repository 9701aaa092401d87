"""Which scenarios the page offers: those of the command line, and nothing else from the disk."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from clustersim.scenario.builtin import builtin_scenarios
from clustersim.scenario.firm_sizes import mean_firm_size
from clustersim.scenario.reader import read_scenario
from clustersim.scenario.resolved import ResolvedScenario

FIRST = "classroom"
"""The scenario that a page begins with, unless it is told otherwise."""


class TooLargeError(ValueError):
    """A world has more actors than the page may run."""


@dataclass(frozen=True)
class Limits:
    """What one server gives its visitors.

    Attributes
    ----------
    actors
        Simulated actors of a world.
    visitors
        Visitors with a world of their own at one time.
    idle
        Minutes after which the world of a visitor who does nothing is put away.
    """

    actors: int = 20_000
    visitors: int = 40
    idle: float = 30.0


class Catalogue:
    """Scenarios by name.

    Parameters
    ----------
    own
        A scenario of the teacher's, a built-in name or a file; it comes first. None for none.
    """

    def __init__(self, own: str | Path | None = None) -> None:
        found = {one.name: (one.title or one.name, str(one.path)) for one in builtin_scenarios()}
        self.first = FIRST if FIRST in found else next(iter(found), "")
        if own is not None:
            name = str(own)
            if name not in found:
                scenario = read_scenario(own).scenario
                name = Path(own).stem
                # A file may be called like a scenario that comes with the package.
                name = name if name not in found else f"{name} (file)"
                found = {name: (scenario.title or name, str(own)), **found}
            self.first = name
        self.titles: Mapping[str, str] = {name: title for name, (title, _) in found.items()}
        self._sources = {name: source for name, (_, source) in found.items()}

    def source(self, name: str) -> str:
        """Return what `read_scenario` reads for a name.

        Raises
        ------
        KeyError
            If the page does not offer it: no other file can be reached.
        """
        return self._sources[name]


def check_size(resolved: ResolvedScenario, most: int) -> None:
    """Refuse a world that is too large, before it is founded.

    Parameters
    ----------
    resolved
        The scenario.
    most
        Actors.

    Raises
    ------
    TooLargeError
        With the remedy.
    """
    world = resolved.scenario.world
    size = world.firm_size
    jobs = sum(number for region in world.regions for number in region.jobs.values())
    one = mean_firm_size(size.smallest, size.largest, size.tail)
    firms = jobs / (world.employment_scale * one)
    if firms > most:
        msg = (
            f"this world has about {firms:,.0f} firms, the page runs {most:,} at most: run it on "
            "the command line, or let each simulated firm stand for more real ones "
            "(world.employment_scale)"
        )
        raise TooLargeError(msg)
