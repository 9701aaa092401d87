"""Sums over the fields of rows of knowledge, several fields at a time.

Half of the work of a quarter is to compare and to mix rows of some two dozen numbers. The compiler
does not find out by itself that these short loops can take several fields in one instruction, so it
is told here, in its own language. Each operation is one of IEEE 754 in a fixed order, so that the
bits are the same on every machine, whatever the width of its instructions.

For use in kernels. The arrays have shape (n, M), in any precision; sums are in double precision.
The numbers of a row lie side by side: arrays in Fortran's order are refused when the kernel is
compiled. Rows are not checked, and must lie within the array: a row of -1 is not the last.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from llvmlite import ir
from numba.core import cgutils, types
from numba.core.errors import TypingError
from numba.extending import intrinsic
from numba.np import arrayobj

_DOUBLE: Final = ir.DoubleType()
_INDEX: Final = ir.IntType(64)
_DOT_LANES: Final = 4
_LANES: Final = 8
_CACHE_LINE: Final = 64
AHEAD: Final = 12
"""How many rows before its turn a row is asked for with `fetch`."""


class _Row:
    """A row of an array, in code that is being written."""

    def __init__(self, context: Any, builder: Any, kind: Any, array: Any, row: Any) -> None:
        self.builder, self.precision = builder, context.get_data_type(kind.dtype)
        self.bytes = kind.dtype.bitwidth // 8
        made = arrayobj.make_array(kind)(context, builder, array)
        self.n_fields = cgutils.unpack_tuple(builder, made.shape, 2)[1]
        apart = cgutils.unpack_tuple(builder, made.strides, 2)[0]
        self.first = builder.add(builder.ptrtoint(made.data, _INDEX), builder.mul(apart, row))

    def _pointer(self, field: Any, kind: Any) -> Any:
        behind = self.builder.mul(field, ir.Constant(_INDEX, self.bytes))
        return self.builder.inttoptr(self.builder.add(self.first, behind), kind.as_pointer())

    def load(self, field: Any, lanes: int) -> Any:
        """Return `lanes` numbers from a field on as doubles."""
        kind = _several(self.precision, lanes)
        loaded = self.builder.load(self._pointer(field, kind), align=self.bytes)
        if self.precision == _DOUBLE:
            return loaded
        return self.builder.fpext(loaded, _several(_DOUBLE, lanes))

    def store(self, values: Any, field: Any, lanes: int) -> None:
        """Store `lanes` doubles from a field on, in the precision of the array."""
        kind = _several(self.precision, lanes)
        if self.precision != _DOUBLE:
            values = self.builder.fptrunc(values, kind)
        self.builder.store(values, self._pointer(field, kind), align=self.bytes)


def _refuse_columns(*arrays: Any) -> None:
    """Raise where the numbers of a row don't lie side by side."""
    if any(getattr(kind, "layout", "C") == "F" for kind in arrays):
        msg = "rows of knowledge need an array in C order: use numpy.ascontiguousarray"
        raise TypingError(msg)


def _several(kind: Any, lanes: int) -> Any:
    return ir.VectorType(kind, lanes) if lanes > 1 else kind


def _spread(builder: Any, value: Any, lanes: int) -> Any:
    """Return a number in each of some lanes."""
    if lanes == 1:
        return value
    spread = ir.Constant(_several(_DOUBLE, lanes), ir.Undefined)
    for lane in range(lanes):
        spread = builder.insert_element(spread, value, ir.Constant(ir.IntType(32), lane))
    return spread


def _for_fields(builder: Any, n_fields: Any, lanes: int, body: Callable[[Any, int], None]) -> None:
    """Write loops that do `body` from each field on: many in steps of `lanes`, the rest singly."""
    zero, one, step = (ir.Constant(_INDEX, number) for number in (0, 1, lanes))
    whole = builder.and_(n_fields, ir.Constant(_INDEX, -lanes))
    with cgutils.for_range_slice(builder, zero, whole, step) as (field, _):
        body(field, lanes)
    with cgutils.for_range_slice(builder, whole, n_fields, one) as (field, _):
        body(field, 1)


@intrinsic  # type: ignore[untyped-decorator]  # numba ships no type information
def dot(_typing: Any, a: Any, i: Any, b: Any, j: Any) -> Any:
    """Return ``sum_m a[i, m] b[j, m]``, as four sums side by side: none waits for the other.

    Field m belongs to sum ``m % 4``, what is left of M / 4 to the first; they are added as
    ``(0 + 1) + (2 + 3)``.
    """
    _refuse_columns(a, b)

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        rows = _rows(context, builder, signature.args, args)
        kind = _several(_DOUBLE, _DOT_LANES)
        sums = cgutils.alloca_once_value(builder, ir.Constant(kind, [0.0] * _DOT_LANES))
        lane = [ir.Constant(ir.IntType(32), number) for number in range(_DOT_LANES)]

        def add(field: Any, lanes: int) -> None:
            product = builder.fmul(*(row.load(field, lanes) for row in rows))
            so_far = builder.load(sums)
            if lanes == 1:
                first = builder.fadd(builder.extract_element(so_far, lane[0]), product)
                builder.store(builder.insert_element(so_far, first, lane[0]), sums)
            else:
                builder.store(builder.fadd(so_far, product), sums)

        _for_fields(builder, rows[0].n_fields, _DOT_LANES, add)
        total = builder.load(sums)
        one, two, three, four = (builder.extract_element(total, number) for number in lane)
        return builder.fadd(builder.fadd(one, two), builder.fadd(three, four))

    return types.float64(a, i, b, j), generate


def _rows(context: Any, builder: Any, kinds: Any, args: Any) -> list[_Row]:
    """Return the rows that pairs of arguments, array and number, stand for."""
    return [
        _Row(
            context,
            builder,
            kinds[at],
            args[at],
            context.cast(builder, args[at + 1], kinds[at + 1], types.int64),
        )
        for at in range(0, len(kinds) - len(kinds) % 2, 2)
    ]


def _fieldwise(formula: Callable[[Any, Any, Any, Any, Any], Any]) -> Callable[..., Any]:
    """Return a code generator that sets each field of a row by a formula.

    The formula takes the builder, the fields of two rows, their weight, and the old value.
    """

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        out, a, b = _rows(context, builder, signature.args, args)
        weight = context.cast(builder, args[-1], signature.args[-1], types.float64)

        def put(field: Any, lanes: int) -> None:
            one, other, old = (row.load(field, lanes) for row in (a, b, out))
            weights = _spread(builder, weight, lanes)
            out.store(formula(builder, one, other, weights, old), field, lanes)

        _for_fields(builder, out.n_fields, _LANES, put)
        return context.get_dummy_value()

    return generate


def _gap(builder: Any, a: Any, b: Any, weight: Any, old: Any) -> Any:
    gap = builder.fsub(b, a)
    zero = ir.Constant(gap.type, None)
    gap = builder.select(builder.fcmp_ordered(">", gap, zero), gap, zero)
    return builder.fadd(old, builder.fmul(weight, gap))


def _mixture(builder: Any, a: Any, b: Any, weight: Any, _old: Any) -> Any:
    return builder.fadd(a, builder.fmul(weight, b))


@intrinsic  # type: ignore[untyped-decorator]  # numba ships no type information
def add_gap(_typing: Any, out: Any, o: Any, a: Any, i: Any, b: Any, j: Any, weight: Any) -> Any:
    """Add to row `o` of `out` what row `j` of `b` has more than row `i` of `a`, times `weight`.

    ``out[o, m] += weight max(b[j, m] - a[i, m], 0)`` for every field m.
    """
    _refuse_columns(out, a, b)
    return types.none(out, o, a, i, b, j, weight), _fieldwise(_gap)


@intrinsic  # type: ignore[untyped-decorator]  # numba ships no type information
def put_sum(_typing: Any, out: Any, o: Any, a: Any, i: Any, b: Any, j: Any, weight: Any) -> Any:
    """Set row `o` of `out` to row `i` of `a` plus `weight` times row `j` of `b`.

    ``out[o, m] = a[i, m] + weight b[j, m]`` for every field m.
    """
    _refuse_columns(out, a, b)
    return types.none(out, o, a, i, b, j, weight), _fieldwise(_mixture)


@intrinsic  # type: ignore[untyped-decorator]  # numba ships no type information
def fetch(_typing: Any, a: Any, i: Any) -> Any:
    """Ask for row `i` of `a` ahead of time, so that the memory works while others are dealt with.

    Nothing depends on it but the time. Large tables don't fit the caches, and a row that is far
    away takes as long as some hundred operations.
    """

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        (row,) = _rows(context, builder, signature.args, args)
        byte, number = ir.IntType(8).as_pointer(), ir.IntType(32)
        kind = ir.FunctionType(ir.VoidType(), [byte, number, number, number])
        prefetch = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0")
        to_read, keep, data = (ir.Constant(number, value) for value in (0, 3, 1))
        end = builder.mul(row.n_fields, ir.Constant(_INDEX, row.bytes))
        zero, line = ir.Constant(_INDEX, 0), ir.Constant(_INDEX, _CACHE_LINE)
        with cgutils.for_range_slice(builder, zero, end, line) as (behind, _):
            pointer = builder.inttoptr(builder.add(row.first, behind), byte)
            builder.call(prefetch, [pointer, to_read, keep, data])
        return context.get_dummy_value()

    return types.none(a, i), generate
