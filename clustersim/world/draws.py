"""Luck is a function: a draw belongs to (seed, decision, step, actor) and to nothing else.

Two runs with the same seed give the same luck to the same actor in the same decision of the same
quarter, whoever else exists and whatever was drawn before. That makes runs of two scenarios
comparable pair by pair, and it lets a second implementation, written in another order, reproduce
the first.

The generator is Philox-4x64 with ten rounds (Salmon et al. 2011, "Parallel random numbers: as easy
as 1, 2, 3"), keyed by (seed, decision) with the counter (block + 1, step, actor, other). NumPy's
``Philox(key=[seed, decision], counter=[block, step, actor, other]).random_raw(4)`` gives the same
four words, since NumPy adds one to the counter before it draws. Block ``b`` holds the lanes
``4 b .. 4 b + 3`` of a decision that needs more than one number.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from functools import cache
from typing import Any, Final

import numpy as np
from llvmlite import ir
from numba.core import types
from numba.core.types.containers import UniTuple
from numba.extending import intrinsic

from clustersim.world.elementary import expm1
from clustersim.world.kernel import inlined, kernel
from clustersim.world.types import Floats, Ids

_MULTIPLIER_0: Final = np.uint64(0xD2E7470EE14C6C93)
_MULTIPLIER_1: Final = np.uint64(0xCA5A826395121157)
_WEYL_0: Final = np.uint64(0x9E3779B97F4A7C15)
_WEYL_1: Final = np.uint64(0xBB67AE8584CAA73B)
_TO_UNIT: Final = 1.0 / 9007199254740992.0  # 2**-53
_IDENTITY_MASK: Final = np.uint64(0x7FFFFFFFFFFFFFFF)
_ONE: Final = np.uint64(1)
_NO_SEED: Final = np.uint64(0xFFFFFFFFFFFFFFFF)
_MANTISSA_SHIFT: Final = np.uint64(11)

ROUNDED_UP: Final = 1.0 + 1e-12
"""Factor on an upper bound, so that rounding can't put it below what it bounds."""

SEED_LIMIT: Final = 2**63
"""Seeds are whole numbers from 0 to this limit, excluded."""


@intrinsic  # type: ignore[untyped-decorator]  # numba ships no type information
def _product(_context: Any, _a: Any, _b: Any) -> Any:
    """Return the upper and the lower 64 bits of the product of two unsigned 64-bit words."""

    def generate(ctx: Any, builder: Any, signature: Any, args: Any) -> Any:
        wide, word = ir.IntType(128), ir.IntType(64)
        product = builder.mul(builder.zext(args[0], wide), builder.zext(args[1], wide))
        upper = builder.trunc(builder.lshr(product, ir.Constant(wide, 64)), word)
        return ctx.make_tuple(builder, signature.return_type, [upper, builder.trunc(product, word)])

    return UniTuple(types.uint64, 2)(types.uint64, types.uint64), generate


@inlined
def philox(c0: Any, c1: Any, c2: Any, c3: Any, k0: Any, k1: Any) -> Any:
    """Return the four 64-bit words of Philox-4x64-10 for a counter and a key (all ``uint64``)."""
    for _ in range(10):
        high_0, low_0 = _product(_MULTIPLIER_0, c0)
        high_1, low_1 = _product(_MULTIPLIER_1, c2)
        c0 = high_1 ^ c1 ^ k0
        c1 = low_1
        c2 = high_0 ^ c3 ^ k1
        c3 = low_0
        k0 = k0 + _WEYL_0
        k1 = k1 + _WEYL_1
    return c0, c1, c2, c3


@inlined
def unit(word: Any) -> Any:
    """Map a 64-bit word to a uniform in [0, 1) as NumPy does: the upper 53 bits."""
    return np.float64(np.int64(word >> _MANTISSA_SHIFT)) * _TO_UNIT


@inlined
def draw(stream: Any, actor: Any, other: Any, block: Any) -> Any:
    """Return four uniforms in [0, 1) of one decision, for use inside kernels.

    ``stream`` is the array ``[seed, decision, step]`` that :meth:`Draws.stream` makes.
    """
    a, b, c, d = philox(
        np.uint64(block) + _ONE,
        stream[2],
        np.uint64(actor),
        np.uint64(other),
        stream[0],
        stream[1],
    )
    return unit(a), unit(b), unit(c), unit(d)


@inlined
def happens(luck: Any, hazard: Any) -> Any:
    """Return whether an event of this hazard happens: ``luck < 1 - exp(-hazard)``.

    The right-hand side is never above the hazard itself, which spares most exponentials.
    """
    return luck < hazard and luck < -expm1(-hazard)


@inlined
def may_happen(luck: Any, most: Any) -> Any:
    """Return False if an event can't happen whose hazard is at most `most`; else look closely."""
    return luck < most * ROUNDED_UP


@kernel
def identity(stream: Any, origin: Any, ordinal: Any) -> Any:
    """Return the identity of the ``ordinal``-th newcomer that ``origin`` makes in this step.

    An identity is a whole number in [0, 2**63) that depends on the stream's decision and step and
    on the origin (a parent's identity, or the number of a place) but not on the seed, so that the
    same newcomer is the same actor under every seed. Among ten million newcomers the chance of any
    two alike is about 5e-6.
    """
    word, _, _, _ = philox(
        _ONE, stream[2], np.uint64(origin), np.uint64(ordinal), _NO_SEED, stream[1]
    )
    return np.int64(word & _IDENTITY_MASK)


@inlined
def key_of(stream: Any) -> Any:
    """Return a stream as a tuple: `draw` takes it too, and a loop reads it once, not each time."""
    return stream[0], stream[1], stream[2]


@kernel
def _fill(out: Any, stream: Any, actors: Any, others: Any, lane: Any) -> None:
    key = key_of(stream)
    for i in range(actors.size):
        a, b, c, d = draw(key, actors[i], others[i], lane // 4)
        out[i] = (a, b, c, d)[lane % 4]


@kernel
def _fill_lanes(out: Any, stream: Any, actors: Any) -> None:
    key = key_of(stream)
    n_lanes = out.shape[1]
    for i in range(actors.size):
        for lane in range(0, n_lanes, 4):
            a, b, c, d = draw(key, actors[i], 0, lane // 4)
            out[i, lane] = a
            if lane + 1 < n_lanes:
                out[i, lane + 1] = b
            if lane + 2 < n_lanes:
                out[i, lane + 2] = c
            if lane + 3 < n_lanes:
                out[i, lane + 3] = d


@kernel
def _identities(out: Any, stream: Any, origins: Any, ordinals: Any) -> None:
    for i in range(origins.size):
        out[i] = identity(stream, origins[i], ordinals[i])


@cache
def decision_key(decision: str) -> int:
    """Return the 64-bit key of a decision's name (BLAKE2b, first eight bytes, little endian)."""
    return int.from_bytes(hashlib.blake2b(decision.encode(), digest_size=8).digest(), "little")


@cache
def _decision_keys(decisions: tuple[str, ...]) -> np.ndarray[Any, np.dtype[np.uint64]]:
    return np.array([decision_key(decision) for decision in decisions], dtype=np.uint64)


@cache
def name_key(*names: str) -> int:
    """Return a whole number in [0, 2**63) for a place by its names, not by its position.

    Luck and identities that belong to a region, a sector or both are keyed by it, so that a
    scenario with one more region or another order gives the same luck to the places they share.
    """
    text = "\0".join(names).encode()
    return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "little") >> 1


class Draws:
    """The luck of one run, at one step.

    Parameters
    ----------
    seed
        Whole number in [0, 2**63).

    Raises
    ------
    ValueError
        If the seed is negative or too large, or is not of a whole-number type.
    """

    __slots__ = ("seed", "step")

    def __init__(self, seed: int) -> None:
        whole = issubclass(type(seed), (int, np.integer)) and not isinstance(seed, bool)
        if not whole or not 0 <= seed < SEED_LIMIT:
            msg = f"seed must be a whole number from 0 to 2**63 - 1, not {seed!r}"
            raise ValueError(msg)
        self.seed = int(seed)
        self.step = 0

    def stream(self, decision: str) -> np.ndarray[Any, np.dtype[np.uint64]]:
        """Return ``[seed, decision, step]`` as ``uint64``, shape (3,), for a kernel's `draw`."""
        return np.array([self.seed, decision_key(decision), self.step], dtype=np.uint64)

    def streams(self, decisions: tuple[str, ...]) -> np.ndarray[Any, np.dtype[np.uint64]]:
        """Return the streams of several decisions, shape (decisions, 3); see :meth:`stream`."""
        streams = np.empty((len(decisions), 3), dtype=np.uint64)
        streams[:, 0] = self.seed
        streams[:, 1] = _decision_keys(decisions)
        streams[:, 2] = self.step
        return streams

    def uniform(
        self, decision: str, actors: Ids, others: Ids | None = None, *, lane: int = 0
    ) -> Floats:
        """Return one uniform in [0, 1) for each actor, shape (n,).

        Parameters
        ----------
        decision
            Name of the decision, ``"mechanism.verb"``.
        actors
            Identities of those who decide, shape (n,).
        others
            Identities of whom they decide about, shape (n,), where a draw belongs to a pair.
        lane
            Which number of the decision: 0 for the first.
        """
        actors = np.ascontiguousarray(actors, dtype=np.int64)
        others = np.zeros_like(actors) if others is None else np.asarray(others, dtype=np.int64)
        out = np.empty(actors.shape, dtype=np.float64)
        _fill(out, self.stream(decision), actors, others, lane)
        return out

    def uniforms(self, decision: str, actors: Ids, n_lanes: int) -> Floats:
        """Return the first `n_lanes` uniforms of each actor's decision, shape (n, n_lanes)."""
        actors = np.ascontiguousarray(actors, dtype=np.int64)
        out = np.empty((actors.size, n_lanes), dtype=np.float64)
        _fill_lanes(out, self.stream(decision), actors)
        return out

    def uniform_of(self, decision: str, actor: int, other: int = 0, *, lane: int = 0) -> float:
        """Return the uniform in [0, 1) of a single actor: :meth:`uniform` for one."""
        return float(draw(self.stream(decision), actor, other, lane // 4)[lane % 4])

    def identities(
        self, decision: str, origins: Ids | Iterable[int], ordinals: Ids | Iterable[int]
    ) -> Ids:
        """Return identities for newcomers from what made them, shape (n,); see `identity`."""
        origins = np.ascontiguousarray(origins, dtype=np.int64)
        out = np.empty(origins.shape, dtype=np.int64)
        _identities(out, self.stream(decision), origins, np.asarray(ordinals, dtype=np.int64))
        return out
