"""A visitor's world: settings, run, twin, shocks and what can be taken home; no browser needed.

Settings hold from the start of a run: who changes one begins anew, so that the scenario file of a
session repeats it. Shocks by button are written down with the quarter in which they fall, and are
part of that file too.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from typing import Any, Final

from clustersim.app.blows import button
from clustersim.app.catalogue import Catalogue, Limits, check_size
from clustersim.app.lessons import Lesson, OtherWorld
from clustersim.app.running import Running
from clustersim.app.turns import Pace, Turns
from clustersim.experiments.legs import quarters_of
from clustersim.scenario.problems import ScenarioError
from clustersim.scenario.reader import read_scenario
from clustersim.scenario.resolved import ResolvedScenario
from clustersim.scenario.shock_words import label
from clustersim.world.draws import SEED_LIMIT
from clustersim.world.shock import Shock

GROWN: Final = 3
"""How many times the actors that a world may begin with it may grow to."""
PLAIN: Final = "the same without policy"
"""What the other of two worlds is if nothing else is said."""


@dataclass(frozen=True)
class Twin:
    """How the other of two worlds differs.

    Attributes
    ----------
    label
        What it is, in a few words.
    changes
        Values by dotted name that lie over those of the session; None: all policies off.
    """

    label: str = PLAIN
    changes: Mapping[str, Any] | None = None


class Session:
    """What one visitor has.

    Parameters
    ----------
    catalogue
        Scenarios that can be chosen.
    limits
        How large a world may be.
    scenario
        Name of the first scenario; the catalogue's if left out.

    Attributes
    ----------
    lock : Turns
        Held by whoever steps, changes or reads the worlds.
    turn : context manager
        Held by whoever computes, before the lock; a server shares it among its sessions.
    pace : Pace
        Asked before each step, and told when it has been drawn; shared among sessions too.
    painted : threading.Event
        Not set while a picture of the worlds is made.
    scenario, seed, values
        The settings: name of the scenario, seed (None for the scenario's), and values by dotted
        name that differ from the scenario.
    twin : Twin or None
        How the other world differs; None for a single world.
    main, other : Running or None
        The worlds; None before `start` and after `close`.
    notice : str
        What the visitor should know, as why a world could not be founded; empty for nothing.
    """

    def __init__(
        self, catalogue: Catalogue, limits: Limits | None = None, scenario: str | None = None
    ) -> None:
        self.catalogue = catalogue
        self.limits = limits or Limits()
        self.lock = Turns()
        self.painted = threading.Event()
        self.painted.set()
        self.turn: AbstractContextManager[Any] = nullcontext()
        self.pace = Pace()
        self.scenario = scenario or catalogue.first
        self.seed: int | None = None
        self.values: dict[str, Any] = {}
        self.twin: Twin | None = None
        self.main: Running | None = None
        self.other: Running | None = None
        self.struck: tuple[Shock, ...] = ()
        self.notice = ""
        self.used = time.monotonic()
        self._base: ResolvedScenario | None = None
        self._begun_under: Any = None

    # Settings

    def choose(self, scenario: str) -> None:
        """Choose a scenario; its settings are as it says, its world is founded by `start`.

        Raises
        ------
        KeyError
            If the catalogue has no such scenario.
        """
        self.catalogue.source(scenario)
        with self.lock:
            self.touch()
            self.scenario, self.seed, self.values, self.twin = scenario, None, {}, None
            self._base = None

    def put(self, name: str, value: Any) -> None:
        """Set a value by its dotted name; as the scenario says it is no change.

        The run goes on under the old settings; `start` begins anew under the new ones.
        """
        with self.lock:
            self.touch()
            if value == self.usual(name):
                self.values.pop(name, None)
            else:
                self.values[name] = value

    def put_seed(self, seed: int | None) -> None:
        """Set the number of the luck; None for that of the scenario.

        Raises
        ------
        ValueError
            If it is out of range.
        """
        if seed is not None and not 0 <= seed < SEED_LIMIT:
            msg = f"the seed can't be {seed}: it is a whole number from 0 to {SEED_LIMIT - 1}"
            raise ValueError(msg)
        with self.lock:
            self.touch()
            self.seed = seed

    def put_twin(self, twin: Twin | None) -> None:
        """Ask for a second world on the same luck, or for none."""
        with self.lock:
            self.touch()
            self.twin = twin

    def take(self, lesson: Lesson) -> None:
        """Choose the world of a lesson.

        Raises
        ------
        KeyError
            If the catalogue has no such scenario.
        """
        with self.lock:
            self.choose(lesson.scenario)
            self.seed = lesson.seed
            self.values = dict(lesson.set)
            if isinstance(lesson.twin, OtherWorld):
                self.twin = Twin(lesson.twin.label, lesson.twin.set)
            elif lesson.twin:
                self.twin = Twin()

    @property
    def stale(self) -> bool:
        """Whether there is a run, and it began under other settings than those of now."""
        return self.main is not None and self._begun_under != self._settings

    @property
    def _settings(self) -> Any:
        seed = self.base().scenario.seed if self.seed is None else self.seed
        return self.scenario, seed, dict(self.values), self.twin

    def usual(self, name: str) -> Any:
        """Return what the scenario itself says about a value; None if it says nothing."""
        return self.base().values.get(name)

    def value(self, name: str) -> Any:
        """Return the value that holds for the next run."""
        return self.values.get(name, self.usual(name))

    def base(self) -> ResolvedScenario:
        """Return the scenario without the settings."""
        if self._base is None:
            self._base = read_scenario(self.catalogue.source(self.scenario))
        return self._base

    # The run

    def start(self) -> Running:
        """Found the world, or both, and return the first.

        Raises
        ------
        ScenarioError
            If the settings do not go together.
        TooLargeError
            If the world is too large for the page.
        """
        with self.lock:
            self.touch()
            self.struck, self.notice = (), ""
            resolved = self._resolved()
            check_size(resolved, self.limits.actors)
            other = None if self.twin is None else self._resolved(self._changes(self.twin))
            # What is there goes before the new one comes: never three worlds at a time.
            self.main = self.other = None
            self.main = Running(resolved)
            self.other = None if other is None else Running(other)
            self._begun_under = self._settings
            return self.main

    def _resolved(self, more: Mapping[str, Any] | None = None) -> ResolvedScenario:
        given = {**self.values, **(more or {})}
        if self.seed is not None:
            given["seed"] = self.seed
        return read_scenario(self.catalogue.source(self.scenario), overrides=given)

    def _changes(self, twin: Twin) -> dict[str, Any]:
        """Return how the other world differs, by dotted name."""
        if twin.changes is not None:
            return dict(twin.changes)
        return {f"policies.{one.name}.enabled": False for one in self.base().scenario.policies}

    @property
    def ended(self) -> bool:
        """Whether the run has come to its end, or there is none."""
        main = self.main
        return main is None or main.world.clock.step >= quarters_of(main.resolved)

    def step(self) -> None:
        """Simulate a quarter, in both worlds if there are two; nothing at the end of a run."""
        with self.lock:
            main = self.main
            if main is None or self.ended:
                return
            main.simulation.step()
            self.stepped()

    def stepped(self) -> None:
        """Let the rest follow after somebody else, such as a Mesa model, has stepped the world."""
        with self.lock:
            self.touch()
            if self.main is None:
                return
            self.main.observe()
            if self.other is not None:
                self.other.simulation.step()
                self.other.observe()
            if self.main.actors() > GROWN * self.limits.actors:
                self.notice = "The world has grown too large for the page, and was put away."
                self.main = self.other = None

    def strike(self, name: str, region: str, sector: str) -> str:
        """Let a shock fall in the quarter that comes next, in both worlds; return what it is.

        Parameters
        ----------
        name
            Name of the button, see `clustersim.app.blows`.
        region, sector
            The place that it strikes.

        Raises
        ------
        ValueError
            If the run has ended.
        """
        with self.lock:
            self.touch()
            if self.main is None or self.ended:
                raise ValueError("the run has ended; reset it first")
            shock = button(name).shock(self.main.year, region, sector)
            for running in (self.main, self.other):
                if running is not None:
                    running.strike(shock)
            self.struck += (shock,)
            return f"{self.main.year:g}: {label(shock)}"

    def scenario_text(self) -> str:
        """Return the scenario with all settings and shocks as a file that repeats the run.

        With a twin, the file names under `against` what it is compared with.
        """
        with self.lock:
            if self.main is None:
                return self._resolved().text
            resolved = self.main.resolved
            if self.twin is None:
                return resolved.text
            against = {"title": self.twin.label, **self._changes(self.twin)}
            scenario = resolved.scenario.model_copy(update={"against": against})
            return replace(resolved, scenario=scenario).text

    # Housekeeping

    def drawn(self) -> None:
        """Note that the page shows the worlds as they are, so that the next step can come."""
        self.painted.set()
        self.pace.done(self)

    def touch(self) -> None:
        """Note that the visitor is there."""
        self.used = time.monotonic()

    @property
    def idle(self) -> float:
        """Minutes since the visitor did anything."""
        return (time.monotonic() - self.used) / 60.0

    def close(self, notice: str = "") -> None:
        """Put the worlds away; the settings stay."""
        with self.lock:
            self.main = self.other = None
            self._base = None
            self.notice = notice
        self.drawn()


def problem_of(error: Exception) -> str:
    """Return what a visitor is told about settings that do not work."""
    if isinstance(error, ScenarioError):
        return "; ".join(problem.message for problem in error.problems)
    return str(error)
