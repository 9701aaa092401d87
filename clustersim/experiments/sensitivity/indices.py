"""Indices of sensitivity from points of a design and an outcome at each.

Factors are counted from 0 to 1 over their ranges. Intervals are of 95 %, from drawing whole blocks
of the design with replacement; the draws are always the same.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np
from scipy import stats

from clustersim.experiments.sensitivity import SensitivityError
from clustersim.experiments.sweep.points import MORRIS_LEVELS, problem, salib
from clustersim.experiments.uncertainty import CONFIDENCE, RESAMPLES
from clustersim.world.types import Floats

WIDEST: Final = 0.1
"""Half the width of an interval of a total index or a rank correlation above which it is wide."""
WIDEST_SHARE: Final = 0.2
"""The same of mu*, as a share of the largest mu*."""
SETTLED: Final = 0.95
"""Share of resamples in which the same factor has to come first."""

_SEED: Final = 1
_MOST_DRAWN: Final = 4_000_000
"""Numbers drawn at a time for resampling: large designs need fewer resamples."""
_FEWEST_RESAMPLES: Final = 100
_FEWEST_TRAJECTORIES: Final = 4
_Z: Final = float(stats.norm.ppf(0.5 + CONFIDENCE / 2))
_LEAD: Final = float(stats.norm.ppf(SETTLED))
_TAIL: Final = 0.5 * (1.0 - CONFIDENCE)


class Index(NamedTuple):
    """A figure with its interval of 95 %."""

    value: float
    low: float
    high: float

    @property
    def half(self) -> float:
        """Half the width of the interval."""
        return 0.5 * (self.high - self.low)


@dataclass(frozen=True)
class Indices:
    """What an outcome says of each factor.

    Attributes
    ----------
    method
        ``"sobol"``, ``"morris"`` or ``"ranks"``.
    blocks
        Base samples of Sobol's indices, trajectories of Morris, or points.
    measures
        By name, an index for each factor, in the order of the factors.
    main
        The measure that says how much a factor matters.
    order
        Factors, the one that matters most first.
    half
        Half the width of the widest interval of the main measure; of Morris's over the largest mu*.
    settled
        Share of resamples in which the factor that comes first does so.
    needed
        Blocks that would do, if intervals are too wide; else as many as there are.
    needed_order
        Blocks that would settle which factor comes first; as many as there are if it is settled,
        and infinite if nothing is to be seen.
    rival
        The other factor that comes first most often in resamples.
    explained
        Share of the variance of ranks that a straight line in the ranks of the factors explains;
        NaN of other methods.
    """

    method: str
    blocks: int
    measures: dict[str, tuple[Index, ...]]
    main: str
    order: tuple[int, ...]
    half: float
    settled: float
    needed: int
    needed_order: float
    rival: int
    explained: float = math.nan

    @property
    def wide(self) -> bool:
        """Whether intervals are too wide."""
        return self.half > (WIDEST_SHARE if self.method == "morris" else WIDEST)


def sobol(y: Floats, d: int, noise: float = math.nan) -> Indices:
    """Sobol's first and total indices from Saltelli's points.

    Estimators of Saltelli et al. 2010 (*Computer Physics Communications* 181, 259) by SALib. S1 is
    the share of the outcome's variance that a factor explains alone, ST the share in which it has
    any part. If the outcome is a mean over seeds, luck has a part in it. With a share `noise` of
    the variance being luck that says nothing about any other point, the expected total index is
    ``noise + (1 - noise) ST``, so that ``(ST - noise) / (1 - noise)`` is without it.

    Parameters
    ----------
    y
        Of each point in the order of the design, shape (N (D + 2),); it must vary.
    d
        Factors.
    noise
        Share of luck in the variance of `y`, as `Luck.noise`; NaN if it is not known.
    """
    n = len(y) // (d + 2)
    resamples = max(_FEWEST_RESAMPLES, min(RESAMPLES, _MOST_DRAWN // n))
    found = salib("SALib.analyze.sobol", "saltelli").analyze(
        problem([str(i) for i in range(d)]),
        y,
        calc_second_order=False,
        num_resamples=resamples,
        conf_level=CONFIDENCE,
        keep_resamples=True,
        seed=_SEED,
    )
    measures = {
        name: tuple(
            Index(float(value), float(value - half), float(value + half))
            for value, half in zip(found[name], found[f"{name}_conf"], strict=True)
        )
        for name in ("S1", "ST")
    }
    if noise < 1.0:
        measures["ST_net"] = tuple(
            Index(*(max((end - noise) / (1.0 - noise), 0.0) for end in one))
            for one in measures["ST"]
        )
    return _ranked("sobol", n, measures, "ST", np.asarray(found["ST_conf_all"]), power_of_two=True)


def morris(x: Floats, y: Floats) -> Indices:
    """Morris's elementary effects (Morris 1991; mu* of Campolongo, Cariboni & Saltelli 2007).

    An elementary effect is what the outcome changes by, per whole range of a factor. mu is their
    mean, mu* the mean of their sizes, sigma their standard deviation: large if the effect depends
    on where the other factors are, or is bent. mu, mu* and sigma are SALib's; its interval is that
    of mu*, and those of mu and sigma are found in the same way.

    Parameters
    ----------
    x
        Shares of each point in the order of the design, shape (r (D + 1), D).
    y
        Outcome of each.

    Raises
    ------
    SensitivityError
        If there are fewer than four trajectories.
    """
    d = x.shape[1]
    r = len(y) // (d + 1)
    if r < _FEWEST_TRAJECTORIES:
        raise SensitivityError(
            f"{r} trajectories of Morris; expected at least {_FEWEST_TRAJECTORIES}, better 10"
        )
    found = salib("SALib.analyze.morris", "morris").analyze(
        problem([str(i) for i in range(d)]),
        x,
        y,
        num_resamples=RESAMPLES,
        conf_level=CONFIDENCE,
        num_levels=MORRIS_LEVELS,
        seed=_SEED,
    )
    effects = elementary_effects(x, y)
    drawn = effects[np.random.default_rng(_SEED).integers(r, size=(RESAMPLES, r))]
    again = {
        "mu": drawn.mean(axis=1),
        "mu_star": np.abs(drawn).mean(axis=1),
        "sigma": drawn.std(axis=1, ddof=1),
    }
    halves = {name: _Z * values.std(axis=0, ddof=1) for name, values in again.items()}
    halves["mu_star"] = np.asarray(found["mu_star_conf"], dtype=np.float64)
    measures = {
        name: tuple(
            Index(float(value), float(value - half), float(value + half))
            for value, half in zip(np.asarray(found[name]), halves[name], strict=True)
        )
        for name in ("mu", "mu_star", "sigma")
    }
    return _ranked("morris", r, measures, "mu_star", again["mu_star"])


def elementary_effects(x: Floats, y: Floats) -> Floats:
    """Return Morris's elementary effects, shape (r, D)."""
    d = x.shape[1]
    steps = np.diff(x.reshape(-1, d + 1, d), axis=1)
    changes = np.diff(y.reshape(-1, d + 1), axis=1)
    moved = np.argmax(np.abs(steps), axis=2)
    step = np.take_along_axis(steps, moved[..., np.newaxis], axis=2)[..., 0]
    effects = np.empty((len(changes), d))
    np.put_along_axis(effects, moved, changes / step, axis=1)
    return effects


def ranks(x: Floats, y: Floats) -> Indices:
    """Partial rank correlations and standardised rank regression (Saltelli & Marivoet 1990).

    For points that fill the space. PRCC is the correlation of the ranks of outcome and factor when
    what the other factors explain linearly is taken out of both; SRRC is the coefficient of the
    regression of the outcome's ranks on those of all factors, standardised. Both see what goes up
    or down throughout; of what goes up and down again they see little, and `explained` is low.

    Parameters
    ----------
    x
        Shares of each point, shape (P, D).
    y
        Outcome of each; it must vary.

    Raises
    ------
    SensitivityError
        If there are not at least ten points more than factors.
    """
    n, d = x.shape
    if n < d + 10:
        raise SensitivityError(
            f"{n} points for {d} factors; expected at least ten more points than factors"
        )
    ranked = stats.rankdata(np.column_stack([x, y]), axis=0)
    partial, beta, explained = _rank_measures(ranked)
    rng = np.random.default_rng(_SEED)
    resamples = max(_FEWEST_RESAMPLES, min(RESAMPLES, _MOST_DRAWN // n))
    drawn = [_rank_measures(ranked[rng.integers(n, size=n)]) for _ in range(resamples)]
    measures = {}
    for k, (name, values) in enumerate({"PRCC": partial, "SRRC": beta}.items()):
        every = np.array([one[k] for one in drawn])
        low, high = np.quantile(every, [_TAIL, 1.0 - _TAIL], axis=0)
        measures[name] = tuple(
            Index(float(value), float(a), float(b))
            for value, a, b in zip(values, low, high, strict=True)
        )
    sizes = np.abs(np.array([one[0] for one in drawn]))
    return _ranked("ranks", n, measures, "PRCC", sizes, explained=explained)


def _rank_measures(ranked: Floats) -> tuple[Floats, Floats, float]:
    """Return PRCC and SRRC of each factor, and R2; the last column is the outcome."""
    spread = ranked.std(axis=0)
    scaled = (ranked - ranked.mean(axis=0)) / np.where(spread > 0.0, spread, 1.0)
    correlation = scaled.T @ scaled / len(ranked)
    # A resample may repeat so much that columns are equal: the pseudo-inverse takes that.
    inverse = np.linalg.pinv(correlation, hermitian=True)
    scale = np.sqrt(np.maximum(np.diagonal(inverse), 0.0))
    whole = np.where(scale > 0.0, scale, 1.0)
    partial = -inverse[:-1, -1] / (whole[:-1] * whole[-1])
    beta = np.linalg.pinv(correlation[:-1, :-1], hermitian=True) @ correlation[:-1, -1]
    return np.clip(partial, -1.0, 1.0), beta, float(beta @ correlation[:-1, -1])


def _ranked(
    method: str,
    blocks: int,
    measures: dict[str, tuple[Index, ...]],
    main: str,
    sizes: Floats,
    *,
    explained: float = math.nan,
    power_of_two: bool = False,
) -> Indices:
    """Put the factors in order, and say how far it is settled.

    Widths shrink with the root of the number of blocks, from which follows how many would do.

    Parameters
    ----------
    sizes
        Of the main measure in each resample, shape (resamples, D).
    """
    figures = measures[main]
    order = sorted(range(len(figures)), key=lambda i: -abs(figures[i].value))
    half = max(one.half for one in figures)
    limit = WIDEST
    if method == "morris":
        largest = abs(figures[order[0]].value)
        half, limit = (half / largest if largest > 0.0 else math.inf), WIDEST_SHARE
    first = np.bincount(sizes.argmax(axis=1), minlength=len(order)) / len(sizes)
    settled, needed_order = float(first[order[0]]), float(blocks)
    if settled < SETTLED:
        # As if the lead were normal: its mean over its spread grows with the root of the blocks.
        lead = float(stats.norm.ppf(settled))
        needed_order = blocks * (_LEAD / lead) ** 2 if lead > 0.0 else math.inf
    rival = max(order[1:], key=lambda i: first[i], default=order[0])
    needed = blocks * max((half / limit) ** 2, 1.0)
    found = math.ceil(needed) if math.isfinite(needed) else blocks
    if power_of_two:
        found = 1 << (found - 1).bit_length()
    return Indices(
        method=method,
        blocks=blocks,
        measures=measures,
        main=main,
        order=tuple(order),
        half=half,
        settled=settled,
        needed=found,
        needed_order=needed_order,
        rival=rival,
        explained=explained,
    )


def to_dict(indices: Indices, names: Sequence[str]) -> dict[str, Any]:
    """Return everything as one dictionary that JSON can hold."""
    return {
        "method": indices.method,
        "blocks": indices.blocks,
        "main": indices.main,
        "order": [names[i] for i in indices.order],
        "widest": indices.half,
        "settled": indices.settled,
        "needed": indices.needed,
        "needed_order": indices.needed_order,
        "explained": indices.explained,
        "factors": {
            name: {
                measure: {"value": found[i].value, "ci": [found[i].low, found[i].high]}
                for measure, found in indices.measures.items()
            }
            for i, name in enumerate(names)
        },
    }
