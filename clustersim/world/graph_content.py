"""What a user's graph says about actors and ties, and what the parts of its reading share."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from hashlib import blake2b
from numbers import Integral
from typing import Any, Final, TypeVar

from clustersim.world.actors import COLUMNS, Kind
from clustersim.world.values import KNOWING

T = TypeVar("T")

SHOWN: Final = 50
"""Problems printed in the text of a :class:`GraphError`."""

HERITAGE: Final = "heritage"
"""Edges from a parent to its spin-off; the world keeps them as ``actors.parent``."""

UNDIRECTED: Final = ("collaboration", "bridge")
"""Layers whose ties have no direction."""

ENDS: Final[Mapping[str, tuple[tuple[Kind, ...], tuple[Kind, ...]]]] = {
    "collaboration": (KNOWING, KNOWING),
    "supply": ((Kind.FIRM,), (Kind.FIRM,)),
    "mobility": ((Kind.FIRM,), (Kind.FIRM,)),
    "membership": (KNOWING, (Kind.CLUSTER_ORGANISATION,)),
    "bridge": ((Kind.CLUSTER_ORGANISATION,), (Kind.CLUSTER_ORGANISATION,)),
    HERITAGE: ((Kind.FIRM, Kind.UNIVERSITY), (Kind.FIRM,)),
}
"""Kinds of actor at the first and the second end of an edge of each layer."""

NAMES: Final = ("kind", "region", "sector", "niche", "level", "origin")
"""Attributes of nodes that are names where the world has numbers."""

NODE_ATTRIBUTES: Final = (
    *(column.name for column in COLUMNS if column.name not in {"id", "alive"}),
    "age",
    "knowledge",
)
"""Attributes of nodes that mean something here."""

EDGE_ATTRIBUTES: Final = ("layer", "trust", "km", "born")
"""Attributes of edges that mean something here."""

_IDENTITY_MASK: Final = 2**63 - 1
_NEAR: Final = 0.75


class GraphError(ValueError):
    """A graph cannot be used.

    Parameters
    ----------
    problems
        Everything that is wrong, each with its node or edge, what was expected and the remedy.

    Attributes
    ----------
    problems : tuple of str
    """

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        lines = list(self.problems[:SHOWN])
        if len(self.problems) > SHOWN:
            lines.append(f"and {len(self.problems) - SHOWN:,} more")
        super().__init__("\n".join(lines))


@dataclass
class Node:
    """An actor as a graph describes it; what is not given is None or not in `values`."""

    identity: int
    kind: Kind
    region: str | None = None
    sector: str | None = None
    niche: str | None = None
    values: dict[str, bool | int | float] = field(default_factory=dict)
    """Values by column, other than those above."""
    knowledge: list[float] | None = None


@dataclass
class Tie:
    """A tie as a graph describes it: identities of both ends, and what is given of the rest."""

    first: int
    second: int
    values: dict[str, float] = field(default_factory=dict)
    """Any of ``trust``, ``km`` and ``born``."""


def identity_of(label: Hashable) -> int:
    """Return the identity of the actor that a node stands for.

    A whole number from 0 to 2**63 - 1 is an identity already, as in the graphs that
    :func:`~clustersim.world.graph.to_graph` returns. Any other label is hashed: the first eight
    bytes of the BLAKE2b digest of its text (``ascii(label)``), little endian, without the highest
    bit. The identity is the same in every run, on every machine.

    Parameters
    ----------
    label
        Text, number, or tuple of these.

    Raises
    ------
    TypeError
        If the label is anything else: its text might differ from run to run.
    """
    plain = _plain_label(label)
    if isinstance(plain, int) and 0 <= plain <= _IDENTITY_MASK:
        return plain
    digest = blake2b(ascii(plain).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "little") & _IDENTITY_MASK


def _plain_label(label: object) -> Any:
    if isinstance(label, str):
        return str(label)
    if isinstance(label, Integral):
        return int(label)
    if isinstance(label, float):
        return float(label)
    if isinstance(label, tuple):
        return tuple(_plain_label(part) for part in label)
    msg = (
        f"the label {label!r} is a {type(label).__name__}; expected text, a number or a tuple of "
        "these: use networkx.relabel_nodes"
    )
    raise TypeError(msg)


class Problems(list[str]):
    """What is wrong with a graph so far."""

    def attempt(self, where: str, read: Callable[..., T], *given: Any) -> T | None:
        """Return ``read(*given)``, or None after noting, behind `where`, why it refuses."""
        try:
            return read(*given)
        except ValueError as error:
            self.append(f"{where}{error}")
            return None

    def note_near(self, where: str, data: Mapping[str, Any], valid: Collection[str]) -> None:
        """Note attributes that look like misspelt ones; other unknown ones are the user's own."""
        for name in data:
            if name in valid:
                continue
            near = get_close_matches(str(name).casefold(), valid, n=1, cutoff=_NEAR)
            if near:
                self.append(
                    f"{where}has an attribute {name!r}; did you mean {near[0]!r}? "
                    "Rename it, or drop it if it means something else"
                )


def named(enum: type[Any], what: str, value: object) -> Any:
    """Return the member of an enumeration that a name stands for."""
    if isinstance(value, enum):
        return value
    names = [member.name.lower() for member in enum]
    plain = value.casefold().replace("-", "_").replace(" ", "_") if isinstance(value, str) else ""
    if plain in names:
        return enum[plain.upper()]
    msg = f"{what} is {value!r}; expected one of {listed(names)}{hint(plain, names)}"
    raise ValueError(msg)


def listed(names: Collection[str], most: int = 12) -> str:
    """Return names separated by commas, the list cut after `most`."""
    every = list(names)
    text = ", ".join(every[:most])
    return text + (f" and {len(every) - most} more" if len(every) > most else "")


def hint(value: object, valid: Collection[str]) -> str:
    """Return "; did you mean 'x'?" for the nearest valid name, or an empty text if none is near."""
    near = get_close_matches(str(value), list(valid), n=1)
    return f"; did you mean {near[0]!r}?" if near else ""
