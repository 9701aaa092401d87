"""Exponentials, logarithms and the like that give the same bits on every machine.

The C library and NumPy choose between several versions of these functions by what the processor
can do, and the versions differ in the last bit. In a simulation the last bit decides who is lucky
sooner or later, so that a run could not be repeated on another machine. Additions, products,
quotients and square roots are exact by IEEE 754; everything here is made of nothing else, in one
order (LLVM contracts none of it without ``fastmath``). And a kernel that calls no library function
is compiled into straight code. The polynomials are summed in pairs (Estrin), which a processor
does side by side.

The scalar functions are for kernels. Those on arrays are named by nouns.

Errors are below 2 units in the last place, of `power` below ``2 + 2 |y ln x|`` units.

Source of the reductions: Cody & Waite 1980, Software Manual for the Elementary Functions.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np
from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic

from clustersim.world.kernel import inlined, kernel
from clustersim.world.types import Floats

_LN2_HIGH: Final = 6.93147180369123816490e-01  # 33 bits: a whole number of them is exact
_LN2_LOW: Final = 1.90821492927058770002e-10
_PER_LN2: Final = 1.4426950408889634
_ROUND: Final = 6755399441055744.0  # 1.5 * 2**52: what is added to it is rounded to whole numbers
_EXP_LEAST: Final = -708.0
_EXP_MOST: Final = 709.0
_BIAS: Final = 1023
_MANTISSA_BITS: Final = 52
_SMALLEST_NORMAL: Final = 2.2250738585072014e-308
_TWO_54: Final = 18014398509481984.0
_ROOT_HALF_BITS: Final = 0x3FE6A09E667F3BCD
_HALF_LOG_TWO_PI: Final = 0.9189385332046728
_FEW: Final = 16


@intrinsic  # type: ignore[untyped-decorator]  # numba ships no type information
def _as_float(_context: Any, _word: Any) -> Any:
    """Return the double whose bits are those of a 64-bit whole number."""

    def generate(_ctx: Any, builder: Any, _signature: Any, args: Any) -> Any:
        return builder.bitcast(args[0], ir.DoubleType())

    return types.float64(types.int64), generate


@intrinsic  # type: ignore[untyped-decorator]  # numba ships no type information
def _as_word(_context: Any, _number: Any) -> Any:
    """Return the bits of a double as a 64-bit whole number."""

    def generate(_ctx: Any, builder: Any, _signature: Any, args: Any) -> Any:
        return builder.bitcast(args[0], ir.IntType(64))

    return types.int64(types.float64), generate


@intrinsic  # type: ignore[untyped-decorator]  # numba ships no type information
def fma(_context: Any, _a: Any, _b: Any, _c: Any) -> Any:
    """Return ``a b + c``, rounded once: one instruction, and the same bits where it is none."""

    def generate(_ctx: Any, builder: Any, _signature: Any, args: Any) -> Any:
        return builder.fma(*args)

    return types.float64(types.float64, types.float64, types.float64), generate


@inlined
def _reduced(x: Any) -> Any:
    """Return ``(r, e, s)`` with ``exp(x) = s (1 + r + e)``, |r| at most ln(2) / 2, s = 2**n."""
    shifted = fma(x, _PER_LN2, _ROUND)
    n = shifted - _ROUND
    r = fma(-n, _LN2_LOW, fma(-n, _LN2_HIGH, x))
    r2 = r * r
    r4 = r2 * r2
    low = fma(r2, fma(r, 1.0 / 120.0, 1.0 / 24.0), fma(r, 1.0 / 6.0, 0.5))
    middle = fma(r2, fma(r, 1.0 / 362880.0, 1.0 / 40320.0), fma(r, 1.0 / 5040.0, 1.0 / 720.0))
    high = fma(
        r2,
        fma(r, 1.0 / 6227020800.0, 1.0 / 479001600.0),
        fma(r, 1.0 / 39916800.0, 1.0 / 3628800.0),
    )
    rest = r2 * fma(r4 * r4, high, fma(r4, middle, low))
    scale = _as_float((_as_word(shifted) << _MANTISSA_BITS) + (_BIAS << _MANTISSA_BITS))
    return r, rest, scale


@inlined
def exp(x: Any) -> Any:
    """Return ``e**x``; 0 below -708 and infinite above 709."""
    if x < _EXP_LEAST:
        return 0.0
    if x > _EXP_MOST:
        return np.inf
    r, rest, scale = _reduced(x)
    return fma(scale, r + rest, scale)


@inlined
def expm1(x: Any) -> Any:
    """Return ``e**x - 1``, exact to the last digits near zero; infinite above 709."""
    if x < _EXP_LEAST:
        return -1.0
    if x > _EXP_MOST:
        return np.inf
    r, rest, scale = _reduced(x)
    return fma(scale, r + rest, scale - 1.0)


@inlined
def log(x: Any) -> Any:
    """Return the natural logarithm: minus infinity of zero, and no number below."""
    if not x > 0.0:
        return -np.inf if x == 0.0 else np.nan
    if x == np.inf:
        return np.inf
    n = 0.0
    if x < _SMALLEST_NORMAL:
        x = x * _TWO_54
        n = -54.0
    # 2**k sqrt(1/2) <= x < 2**(k + 1) sqrt(1/2): the mantissa lies around one.
    k = (_as_word(x) - _ROOT_HALF_BITS) >> _MANTISSA_BITS
    f = _as_float(_as_word(x) - (k << _MANTISSA_BITS)) - 1.0
    n += np.float64(k)
    s = f / (2.0 + f)
    z = s * s
    z2 = z * z
    z4 = z2 * z2
    low = fma(z2, fma(z, 2.0 / 9.0, 2.0 / 7.0), fma(z, 2.0 / 5.0, 2.0 / 3.0))
    middle = fma(z2, fma(z, 2.0 / 17.0, 2.0 / 15.0), fma(z, 2.0 / 13.0, 2.0 / 11.0))
    high = fma(z2, 2.0 / 23.0, fma(z, 2.0 / 21.0, 2.0 / 19.0))
    p = fma(z4 * z4, high, fma(z4, middle, low))
    half = 0.5 * f * f
    return n * _LN2_HIGH - ((half - (s * (half + p * z) + n * _LN2_LOW)) - f)


@inlined
def log1p(x: Any) -> Any:
    """Return ``ln(1 + x)``, exact to the last digits near zero."""
    whole = 1.0 + x
    if whole <= 0.0 or whole == np.inf:
        return log(whole)
    return log(whole) + (x - (whole - 1.0)) / whole


@inlined
def power(x: Any, y: Any) -> Any:
    """Return ``x**y`` of a number that is not negative; 1 if `y` is zero."""
    return 1.0 if y == 0.0 else exp(y * log(x))


@kernel
def log_factorial(n: Any) -> Any:
    """Return ``ln(n!)`` of a whole number, by Stirling's series from 16."""
    if n < _FEW:
        product = 1.0
        for k in range(2, n + 1):
            product *= k
        return log(product)
    i = 1.0 / n
    z = i * i
    series = i * (1.0 / 12.0 - z * (1.0 / 360.0 - z * (1.0 / 1260.0 - z / 1680.0)))
    return (n + 0.5) * log(np.float64(n)) - n + _HALF_LOG_TWO_PI + series


@kernel
def turned(share: Any) -> Any:
    """Return the cosine and sine of an angle given as a share of a full turn."""
    share = share - np.floor(share)
    quarter = np.floor(4.0 * share + 0.5)
    angle = (4.0 * share - quarter) * (0.5 * np.pi)
    z = angle * angle
    c = 1.0 / 20922789888000.0
    c = 1.0 / 87178291200.0 - z * c
    c = 1.0 / 479001600.0 - z * c
    c = 1.0 / 3628800.0 - z * c
    c = 1.0 / 40320.0 - z * c
    c = 1.0 / 720.0 - z * c
    c = 1.0 / 24.0 - z * c
    c = 0.5 - z * c
    s = 1.0 / 1307674368000.0
    s = 1.0 / 6227020800.0 - z * s
    s = 1.0 / 39916800.0 - z * s
    s = 1.0 / 362880.0 - z * s
    s = 1.0 / 5040.0 - z * s
    s = 1.0 / 120.0 - z * s
    s = 1.0 / 6.0 - z * s
    cosine = 1.0 - z * c
    sine = angle - angle * z * s
    if quarter == 1.0:
        return -sine, cosine
    if quarter == 2.0:  # noqa: PLR2004  # quarters of a turn
        return -cosine, -sine
    if quarter == 3.0:  # noqa: PLR2004
        return sine, -cosine
    return cosine, sine


@kernel
def _exponentials(x: Any, out: Any) -> None:
    for i in range(x.size):
        out[i] = exp(x[i])


@kernel
def _growths(x: Any, out: Any) -> None:
    for i in range(x.size):
        out[i] = expm1(x[i])


@kernel
def _logarithms(x: Any, out: Any) -> None:
    for i in range(x.size):
        out[i] = log(x[i])


@kernel
def _powers(x: Any, y: Any, out: Any) -> None:
    for i in range(x.size):
        out[i] = power(x[i], y)


@kernel
def _directions(share: Any, cosine: Any, sine: Any) -> None:
    for i in range(share.size):
        cosine[i], sine[i] = turned(share[i])


def _each(function: Callable[..., None], values: Any, *more: float) -> Floats:
    flat = np.ascontiguousarray(values, dtype=np.float64).reshape(-1)
    out = np.empty_like(flat)
    function(flat, *more, out)
    return out.reshape(np.shape(values))


def exponential(x: Any) -> Floats:
    """Return `exp` of each value, any shape."""
    return _each(_exponentials, x)


def growth(x: Any) -> Floats:
    """Return `expm1` of each value, any shape: what growth at a rate adds."""
    return _each(_growths, x)


def logarithm(x: Any) -> Floats:
    """Return `log` of each value, any shape."""
    return _each(_logarithms, x)


def powers(x: Any, y: float) -> Floats:
    """Return `power` of each value, any shape, to one exponent."""
    return _each(_powers, x, float(y))


def direction(share: Any) -> tuple[Floats, Floats]:
    """Return the cosines and sines of angles given as shares of a full turn, any shape."""
    flat = np.ascontiguousarray(share, dtype=np.float64).reshape(-1)
    cosine, sine = np.empty_like(flat), np.empty_like(flat)
    _directions(flat, cosine, sine)
    return cosine.reshape(np.shape(share)), sine.reshape(np.shape(share))


@kernel
def euclidean(x: Any, y: Any) -> Any:
    """Return the length of ``(x, y)``; like `numpy.hypot`, but of exact operations."""
    return np.sqrt(x * x + y * y)
