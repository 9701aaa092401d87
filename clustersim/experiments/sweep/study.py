"""The file of a study: which scenarios, what is uncertain, what can be chosen, how many seeds.

Uncertainties, levers and replications are kept apart, as in exploratory modelling (Lempert, Popper
& Bankes 2003, *Shaping the Next One Hundred Years*): what nobody decides, what a policy can
choose, and the luck. Every scenario and every lever meets the same uncertainties and the same
seeds, so that any two of them can be compared run by run.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, Literal, Self, TypeAlias

from pydantic import Field, field_validator, model_validator

from clustersim.experiments.outcomes import PAIRED, WHOLE
from clustersim.scenario.documents import Part, read_document
from clustersim.scenario.nodes import Map
from clustersim.scenario.problems import did_you_mean

Design: TypeAlias = Literal["grid", "lhs", "sobol", "morris", "saltelli", "search"]
"""How points are laid out over ranges: all combinations; Latin hypercube; Sobol's sequence;
Morris's trajectories; Saltelli's points for Sobol's indices; or chosen by an optimisation."""

KEPT: Final = ("clusters", "economy", "ledger", "sizes", "stages", "transitions")
"""Tables that are stored of each run if a study does not say."""
NAMES: Final = ("regions", "sectors", "fields")
"""Tables of names, which are always stored."""
CHOOSABLE: Final = (*KEPT, "actors", "monitoring", "organisations", "projects", "ties")
"""Tables that a study can ask for."""
_MOST_SEEDS: Final = 1_000_000
_MOST_GENERATIONS: Final = 300
_MOST_POINTS: Final = 10_000_000
_SEED_LIMIT: Final = 2**63


class Factor(Part):
    """A value that is varied: one of several, or any in a range."""

    values: tuple[Any, ...] | None = Field(
        default=None, min_length=1, description="The values that it takes."
    )
    low: float | None = Field(default=None, description="Smallest value of the range.")
    high: float | None = Field(default=None, description="Largest value of the range.")
    steps: int | None = Field(
        default=None, ge=2, le=1000, description="Values of a grid, from low to high."
    )
    log: bool = Field(default=False, description="Whether the range is taken in logarithms.")
    whole: bool = Field(default=False, description="Whether only whole numbers are taken.")
    source: str | None = Field(default=None, description="Why these values.")
    scenarios: tuple[str, ...] | None = Field(
        default=None, description="Scenarios for which it holds; all if left out."
    )

    @model_validator(mode="after")
    def _either(self) -> Self:
        ranged = self.low is not None and self.high is not None
        if (self.values is not None) == (self.low is not None or self.high is not None):
            raise ValueError("expected either `values`, or `low` and `high`")
        if self.values is None and not ranged:
            raise ValueError("expected both `low` and `high`")
        if self.low is not None and self.high is not None:
            if not self.low < self.high:
                raise ValueError(f"low is {self.low:g}, which is not below high, {self.high:g}")
            if self.log and self.low <= 0.0:
                raise ValueError(f"low is {self.low:g}: logarithms begin above zero")
            if self.whole and math.ceil(self.low) > math.floor(self.high):
                raise ValueError(f"no whole number lies between {self.low:g} and {self.high:g}")
        elif self.steps is not None or self.log or self.whole:
            raise ValueError("`steps`, `log` and `whole` belong to a range, not to `values`")
        return self

    def at(self, share: float) -> Any:
        """Return the value at a share of the way through, 0 to 1."""
        if self.values is not None:
            return self.values[min(int(share * len(self.values)), len(self.values) - 1)]
        low, high = self._range()
        if self.whole:
            # Each whole number has an equal part of the way, or one as in logarithms.
            first, last = math.ceil(low), math.floor(high)
            n = last - first + 1
            at = first * (1.0 + n / first) ** share if self.log else first + share * n
            return min(max(math.floor(at), first), last)
        value = low * (high / low) ** share if self.log else low + (high - low) * share
        return min(max(value, low), high)

    def levels(self) -> tuple[Any, ...]:
        """Return the values that a grid takes; none of a range without `steps`."""
        if self.values is not None:
            return self.values
        if self.steps is None:
            return ()
        low, high = self._range()
        found = [
            low * (high / low) ** (k / (self.steps - 1))
            if self.log
            else low + (high - low) * k / (self.steps - 1)
            for k in range(self.steps)
        ]
        found[-1] = high
        if self.whole:
            first, last = math.ceil(low), math.floor(high)
            return tuple(dict.fromkeys(min(max(round(value), first), last) for value in found))
        return tuple(found)

    def ends(self) -> tuple[Any, ...]:
        """Return the values with which it is tried whether a scenario takes them."""
        return self.values if self.values is not None else (self.at(0.0), self.at(1.0))

    def _range(self) -> tuple[float, float]:
        if self.low is None or self.high is None:
            raise AssertionError("a factor without values has a range")
        return self.low, self.high


class Exploration(Part):
    """Factors and how points are laid out over their ranges."""

    design: Design = Field(
        default="grid",
        description="`grid`, all combinations; `lhs`, a Latin hypercube; `sobol`, Sobol's "
        "sequence; `morris`, trajectories, and `saltelli`, for Sobol's indices: both for "
        "`sensitivity`; "
        "`search`, chosen by `optimise`.",
    )
    samples: int | None = Field(
        default=None,
        ge=1,
        le=_MOST_POINTS,
        description="Points of `lhs` and `sobol`; trajectories of `morris`; base samples of "
        "`saltelli`.",
    )
    seed: int = Field(default=1, ge=0, lt=2**31, description="Luck of the layout.")
    parameters: dict[str, Factor] = Field(
        default_factory=dict,
        description="Factors by dotted name; a plain list stands for `values`.",
    )

    @field_validator("parameters", mode="before")
    @classmethod
    def _short(cls, given: Any) -> Any:
        """Take a plain list for values."""
        if isinstance(given, Mapping):
            return {
                name: {"values": value} if isinstance(value, list | tuple) else value
                for name, value in given.items()
            }
        return given

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if not self.parameters:
            return self
        if self.design == "grid":
            if self.samples is not None:
                raise ValueError("a grid has no `samples`; its factors have `values` or `steps`")
            bare = [name for name, one in self.parameters.items() if not one.levels()]
            if bare:
                raise ValueError(f"a grid needs `values` or `steps` of {', '.join(bare)}")
            size = math.prod(len(one.levels()) for one in self.parameters.values())
            if size > _MOST_POINTS:
                raise ValueError(f"a grid of {size:,} points; expected {_MOST_POINTS:,} at most")
        elif self.design == "search":
            if self.samples is not None:
                raise ValueError("a search has no `samples`; `optimise` says how many candidates")
        elif self.samples is None:
            raise ValueError(f"`samples` is missing: how many points the design {self.design} has")
        elif self.design == "saltelli" and self.samples & (self.samples - 1):
            raise ValueError(
                f"saltelli: {self.samples} base samples; expected a power of two, such as "
                f"{1 << self.samples.bit_length()}"
            )
        if self.design in {"morris", "saltelli"}:
            some = [name for name, one in self.parameters.items() if one.scenarios is not None]
            if some:
                raise ValueError(
                    f"the design {self.design} varies all factors in all scenarios; "
                    f"`scenarios` of {', '.join(some)} cannot be"
                )
        return self


class Alternative(Part):
    """A scenario of a study, under a name of its own."""

    scenario: str = Field(min_length=1, description="Built-in scenario, or a file.")
    name: str | None = Field(default=None, min_length=1, description="Its name in the study.")
    set: dict[str, Any] = Field(
        default_factory=dict, description="Values of this scenario, by dotted name."
    )

    @property
    def known_as(self) -> str:
        """Its name in the study."""
        return self.name or Path(self.scenario).stem


class Replications(Part):
    """The seeds of a study."""

    seeds: int | tuple[int, ...] = Field(
        default=1, description="How many seeds, or which.", validate_default=True
    )
    first: int = Field(default=1, ge=0, lt=2**62, description="First seed, if they are counted.")

    @field_validator("seeds")
    @classmethod
    def _some(cls, given: int | tuple[int, ...]) -> int | tuple[int, ...]:
        if isinstance(given, int):
            if not 1 <= given <= _MOST_SEEDS:
                raise ValueError(f"{given} seeds; expected 1 to {_MOST_SEEDS:,}")
        elif not given or len(set(given)) != len(given):
            raise ValueError("expected at least one seed, none of them twice")
        elif min(given) < 0 or max(given) >= _SEED_LIMIT:
            raise ValueError("expected seeds from 0 to 2**63 - 1")
        return given

    @property
    def numbers(self) -> tuple[int, ...]:
        """The seeds."""
        if isinstance(self.seeds, int):
            return tuple(range(self.first, self.first + self.seeds))
        return self.seeds


def _outcome(name: str) -> str:
    known = (*(one.key for one in PAIRED), *WHOLE)
    if name not in known:
        raise ValueError(f"no outcome {name!r}; {did_you_mean(name, known) or ', '.join(known)}")
    return name


class Goal(Part):
    """An outcome of which more, or less, is wanted."""

    outcome: str = Field(description="Its key.")
    better: Literal["more", "less"] = Field(description="Whether more or less of it is wanted.")
    of: Literal["level", "effect"] = Field(
        default="level",
        description="The outcome itself, or how much it differs from what the scenario is compared "
        "with.",
    )

    _known = field_validator("outcome")(_outcome)

    @property
    def key(self) -> str:
        """Its name as a column."""
        return self.outcome if self.of == "level" else f"effect:{self.outcome}"

    @property
    def name(self) -> str:
        """Its name in words."""
        return self.outcome if self.of == "level" else f"effect on {self.outcome}"


class Optimisation(Part):
    """What levers are to be chosen for, and how long to search."""

    goals: tuple[Goal, ...] = Field(
        min_length=2, max_length=6, description="Two to six, none of which outweighs another."
    )
    robust: Literal["mean", "worst", "regret"] = Field(
        default="mean",
        description="What counts over the points of the uncertainties: the mean; the worst; or the "
        "largest regret, which is how far it stays behind the best candidate known for a point.",
    )
    quantile: float = Field(
        default=0.0,
        ge=0.0,
        lt=0.5,
        description="Share of the points that `worst` leaves out, from the worst on.",
    )
    at_most: dict[str, float] = Field(
        default_factory=dict, description="Largest value of outcomes that is allowed."
    )
    at_least: dict[str, float] = Field(
        default_factory=dict, description="Smallest value of outcomes that is allowed."
    )
    candidates: int = Field(ge=4, le=100_000, description="Settings of the levers to be tried.")
    generation: int = Field(default=12, ge=4, le=1000, description="Candidates tried together.")
    seed: int = Field(default=1, ge=0, lt=2**31, description="Luck of the search.")

    @field_validator("at_most", "at_least")
    @classmethod
    def _outcomes(cls, given: dict[str, float]) -> dict[str, float]:
        for name in given:
            _outcome(name)
        return given

    @model_validator(mode="after")
    def _fits(self) -> Self:
        keys = [goal.key for goal in self.goals]
        if len(set(keys)) < len(keys):
            raise ValueError("the same goal stands there twice")
        if self.candidates > _MOST_GENERATIONS * self.generation:
            raise ValueError(
                f"more than {_MOST_GENERATIONS} generations; let them be larger, or try fewer"
            )
        if self.quantile and self.robust != "worst":
            raise ValueError("`quantile` belongs to `robust: worst`")
        return self


class Study(Part):
    """What is to be run."""

    title: str = Field(min_length=1, description="What it is called.")
    question: str | None = Field(default=None, description="What it is to answer.")
    about: str | None = Field(default=None, description="More about it, for people.")
    scenarios: tuple[Alternative, ...] = Field(
        min_length=1,
        description="What is compared: built-in scenarios or files, relative to that of the study; "
        "a plain name stands for `{scenario: name}`.",
    )
    baseline: str | None = Field(
        default=None,
        description="Scenario that all others are compared with; it has no levers. If left out, "
        "each is compared with what it names, or with itself without policies.",
    )
    counterparts: bool = Field(
        default=False, description="Whether to run what scenarios without a baseline name."
    )
    resilience: bool = Field(
        default=False, description="Whether to run all once more without shocks."
    )
    years: float | None = Field(default=None, gt=0, description="Length of all runs, years.")
    set: dict[str, Any] = Field(
        default_factory=dict, description="Values of all scenarios, by dotted name."
    )
    replications: Replications = Field(
        default_factory=Replications, description="The seeds, the same for everything."
    )
    uncertainties: Exploration = Field(
        default_factory=Exploration,
        description="What nobody decides; the same points for all scenarios and levers.",
    )
    levers: Exploration = Field(
        default_factory=Exploration, description="What a policy can choose; the baseline has none."
    )
    keep: tuple[str, ...] = Field(
        default=KEPT, description="Tables that are stored of each run; see below."
    )
    mechanisms: tuple[str, ...] = Field(
        default=(), description="Mechanisms of your own, as FILE.py or FILE.py:CLASS."
    )

    optimise: Optimisation | None = Field(
        default=None, description="What `clustersim optimise` chooses the levers for."
    )

    @model_validator(mode="before")
    @classmethod
    def _searched(cls, given: Any) -> Any:
        """Take levers without a design for levers that are searched, if there are goals."""
        if isinstance(given, Mapping) and given.get("optimise") is not None:
            levers = given.get("levers")
            if isinstance(levers, Mapping):
                return {**given, "levers": {"design": "search", **levers}}
        return given

    @field_validator("scenarios", mode="before")
    @classmethod
    def _names(cls, given: Any) -> Any:
        """Take a bare name for a scenario."""
        if isinstance(given, list | tuple):
            return [{"scenario": one} if isinstance(one, str) else one for one in given]
        return given

    @field_validator("keep")
    @classmethod
    def _known(cls, given: tuple[str, ...]) -> tuple[str, ...]:
        unknown = [name for name in given if name not in CHOOSABLE]
        if unknown:
            raise ValueError(
                f"no table {', '.join(map(repr, unknown))}; expected some of {', '.join(CHOOSABLE)}"
            )
        return given

    @model_validator(mode="after")
    def _apart(self) -> Self:
        names = [one.known_as for one in self.scenarios]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(
                f"scenarios: {', '.join(twice)} stands there twice; give each a `name` of its own"
            )
        both = self.uncertainties.parameters.keys() & self.levers.parameters.keys()
        if both:
            raise ValueError(
                f"{', '.join(sorted(both))}: either uncertain or a lever, it cannot be both"
            )
        if self.baseline is not None and self.baseline not in names:
            raise ValueError(
                f"baseline: {self.baseline!r} is none of the scenarios ({', '.join(names)})"
            )
        for part in (self.uncertainties, self.levers):
            for name, factor in part.parameters.items():
                unknown = [one for one in factor.scenarios or () if one not in names]
                if unknown:
                    raise ValueError(
                        f"{name}: {', '.join(unknown)} is none of the scenarios "
                        f"({', '.join(names)})"
                    )
        if any("seed" in part for part in (self.set, *(one.set for one in self.scenarios))):
            raise ValueError("set: seeds stand under `replications`, not here")
        self._check_search(names)
        for name in ("seed", "years", "record_every"):
            if name in self.levers.parameters or name in self.uncertainties.parameters:
                raise ValueError(f"{name} is the same for all runs and cannot be varied")
        return self

    def _check_search(self, names: list[str]) -> None:
        if self.uncertainties.design == "search":
            raise ValueError("uncertainties: nobody chooses them; only levers can be searched")
        searched = self.levers.design == "search"
        if self.optimise is None:
            if searched:
                raise ValueError("levers: a search needs goals; give them under `optimise`")
            return
        if not searched or not self.levers.parameters:
            raise ValueError("optimise: needs `levers` with `parameters`, and no other design")
        chosen = [name for name in names if name != self.baseline]
        if len(chosen) != 1:
            raise ValueError(
                f"optimise: expected one scenario besides the baseline, found {', '.join(chosen)}"
            )


def study_schema() -> dict[str, Any]:
    """Return the JSON schema (draft 2020-12) of a study file."""
    return Study.model_json_schema()


def is_study(path: str | Path) -> bool:
    """Tell whether a file is that of a study, and not of a scenario: it lists scenarios."""
    try:
        text = Path(path).read_text(encoding="utf-8")
    except (OSError, ValueError):
        return False
    return re.search(r"^scenarios[ \t]*:", text, re.MULTILINE) is not None


def read_study(path: str | Path) -> tuple[Study, Map]:
    """Read the file of a study.

    Parameters
    ----------
    path
        YAML file.

    Returns
    -------
    Study and Map
        And the tree it was read from.

    Raises
    ------
    ScenarioError
        With all that is wrong, each with its place.
    """
    return read_document(path, Study)
