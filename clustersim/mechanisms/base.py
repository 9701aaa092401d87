"""What a mechanism is.

A mechanism is a frozen set of parameters with one `apply`, which changes the world once a quarter.
Its docstring is its specification: equation, symbols, source, traps. It names the arrays that it
reads and writes, as ``"actors.size"``; tests hold it to both.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field

from clustersim.world.draws import Draws
from clustersim.world.kernel import record_type
from clustersim.world.world import World


class Mechanism(BaseModel):
    """One rule of the economy.

    A mechanism of your own is a subclass outside the package: give it a `name`, declare `reads`
    and `writes`, name its parameters with `parameter`, and write `apply`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    name: ClassVar[str]
    """Name in scenario files, and first part of the names of its decisions."""
    reads: ClassVar[tuple[str, ...]] = ()
    """Arrays that `apply` reads."""
    writes: ClassVar[tuple[str, ...]] = ()
    """Arrays that `apply` may change; ``"actors"`` and ``"ties"`` stand for whole tables."""
    sections: ClassVar[Mapping[str, str]] = {}
    """Fields that are no parameters, but have a section of their own in scenario files."""

    Numbers: ClassVar[Any]
    """Named tuple of the numeric parameters and switches, in the form that kernels take."""

    enabled: bool = Field(default=True, description="Whether the mechanism works at all.")

    @classmethod
    def __pydantic_init_subclass__(cls, **_: Any) -> None:
        """Make the named tuple, where pickled kernels can find it."""
        kinds = {float, int, bool}
        names = [name for name, field in cls.model_fields.items() if field.annotation in kinds]
        path = f"{cls.__qualname__}.Numbers"
        cls.Numbers = record_type(names, module=cls.__module__, path=path)

    @cached_property
    def numbers(self) -> Any:
        """The numeric parameters and switches as `Numbers`."""
        return self.Numbers(*(getattr(self, name) for name in self.Numbers._fields))

    def apply(self, world: World, draws: Draws) -> None:
        """Change `world` by one quarter of this mechanism."""
        raise NotImplementedError


def parameter(
    default: Any,
    *,
    low: float | None = None,
    high: float | None = None,
    unit: str,
    meaning: str,
    source: str,
) -> Any:
    """Declare a parameter of a mechanism with its bounds, unit, meaning and source.

    Parameters
    ----------
    default
        First value.
    low, high
        Smallest and largest value allowed, both included.
    unit
        ``"1/year"``, ``"euro"``, ``"share"`` ...; ``"-"`` for a pure number.
    meaning
        What the number does, in one sentence.
    source
        Where the value comes from; ``"assumption"`` is allowed, silence is not.
    """
    return Field(
        default,
        ge=low,
        le=high,
        description=meaning,
        json_schema_extra={"unit": unit, "source": source},
    )
