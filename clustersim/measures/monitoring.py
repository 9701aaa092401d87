"""Monitoring: direct and indirect indicators of local industries and of cluster organisations.

The families are those that Morisson & Pattinson 2021, *Clusters: Driving the Green and Digital Twin
Transitions* (Interreg Europe, chapter 2), names for frequent monitoring: direct effects are
collaboration and innovation; indirect effects are competitiveness, the performance of firms, and
what the whole system gains.
"""

from __future__ import annotations

from enum import Enum
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from clustersim.measures.checks import BoolArray, FloatArray, amounts, array, indices, ratio


class Family(Enum):
    """The five families of indicators, direct effects first; the value says it in words."""

    COLLABORATION = "collaboration and collaborative dynamics"
    INNOVATION = "innovation and innovative capacity"
    COMPETITIVENESS = "competitiveness and international attractiveness"
    PERFORMANCE = "economic performance of firms"
    SYSTEM = "system level"

    @property
    def direct(self) -> bool:
        """Whether it is a direct effect of a cluster organisation's work."""
        return self in {Family.COLLABORATION, Family.INNOVATION}


LABELS: Final = {"bronze": 0.6, "silver": 0.7, "gold": 0.8}
"""Excellence from which a cluster organisation has a label (assumption: a new organisation, of
excellence 0.5, has none, and reaches them after one, two and three cycles of management at the
usual speed of learning)."""
NO_LABEL: Final = "none"

_ROUNDING: Final = 1e-12


class Collaborations(NamedTuple):
    """Collaborations of the firms of each group, shape (n_groups,) each.

    Each collaboration counts at every end that is a firm of a group: one between two firms of the
    same group counts twice there, as each of them has it.
    """

    inside: FloatArray
    """With others of the group."""
    region: FloatArray
    """With others in the region of the firm, who are not of its group."""
    outside: FloatArray
    """With those who are not in its region."""
    science: FloatArray
    """With universities or RTOs, wherever they are; counted in one of the former as well."""
    trust: FloatArray
    """Mean trust over all of them, 0 to 1; NaN where there is none."""

    @property
    def total(self) -> FloatArray:
        """All of them, shape (n_groups,)."""
        return self.inside + self.region + self.outside


def collaborations_by_group(
    first: ArrayLike,
    second: ArrayLike,
    trust: ArrayLike,
    *,
    group: ArrayLike,
    region: ArrayLike,
    science: ArrayLike,
    n_groups: int,
) -> Collaborations:
    """Count collaborations of the members of every group by where the partner is.

    Parameters
    ----------
    first, second
        Both ends of each collaboration, shape (E,), in ``range(n)``.
    trust
        Trust of each, shape (E,), 0 to 1.
    group
        Group of each actor (such as the place of a firm), shape (n,), in ``range(n_groups)``; -1 is
        in no group, and is only a partner.
    region
        Region of each actor, shape (n,); -1 is none, and is no one's.
    science
        Whether an actor is a university or an RTO, shape (n,).
    n_groups
        Number of groups.

    Returns
    -------
    Collaborations

    Raises
    ------
    ValueError
        On wrong shapes, or an end or a group out of range.
    """
    g = indices("group", group, n_groups)
    r = indices("region", region, np.iinfo(np.int32).max, size=g.size)
    s: BoolArray = np.asarray(science, dtype=np.bool_)
    one, other = _ends("first", first, g.size), _ends("second", second, g.size)
    t = amounts("trust", trust, 1, one.shape)
    if one.size != other.size or s.shape != g.shape:
        raise ValueError("first and second, and group and science: expected as many of each")
    ends = np.zeros((n_groups + 1) * 6)
    trusted = np.zeros(n_groups + 1)
    for a, b in ((one, other), (other, one)):
        mine, near = g[a], (r[a] == r[b]) & (r[a] >= 0)
        # Where: 0 inside, 1 in the region, 2 outside; and whether it is with science.
        where = np.where(mine == g[b], 0, 2 - near)
        code = ((mine + 1) * 3 + where) * 2 + s[b]
        ends += np.bincount(code, minlength=ends.size)
        trusted += np.bincount(mine + 1, weights=t, minlength=trusted.size)
    counts = ends.reshape(n_groups + 1, 3, 2)[1:]
    by_where = counts.sum(axis=2)
    return Collaborations(
        inside=by_where[:, 0],
        region=by_where[:, 1],
        outside=by_where[:, 2],
        science=counts[:, :, 1].sum(axis=1),
        trust=ratio(trusted[1:], by_where.sum(axis=1), empty=np.nan),
    )


def _ends(name: str, rows: ArrayLike, n: int) -> NDArray[np.int64]:
    found = indices(name, rows, n)
    if found.size and found.min() < 0:
        raise ValueError(f"{name}: expected indices from 0 to {n - 1}, got -1")
    return found


def share_by_group(flags: ArrayLike, group: ArrayLike, n_groups: int) -> FloatArray:
    """Share of those in every group of whom something is true.

    Parameters
    ----------
    flags
        Whether it is true of each, shape (n,).
    group
        Group of each, shape (n,), in ``range(n_groups)``; -1 is in no group.
    n_groups
        Number of groups.

    Returns
    -------
    FloatArray
        Shape (n_groups,), in [0, 1]; NaN for an empty group.

    Raises
    ------
    ValueError
        On wrong shapes, or a group out of range.
    """
    is_so: BoolArray = np.asarray(flags, dtype=np.bool_)
    g = indices("group", group, n_groups, size=is_so.size) + 1
    there = np.bincount(g, minlength=n_groups + 1)[1:]
    return ratio(np.bincount(g[is_so], minlength=n_groups + 1)[1:], there, empty=np.nan)


def absorption(research: ArrayLike, research_half: float, experience: float) -> FloatArray:
    """Absorptive capacity, ``x + (1 - x) R / (R + R_half)``.

    Parameters
    ----------
    research
        R&D intensity R, any shape, share of revenue.
    research_half
        R&D intensity R_half at which half of the effort is reached, share of revenue.
    experience
        What comes with doing the work alone, x, in [0, 1].

    Returns
    -------
    FloatArray
        The shape given, in [0, 1].
    """
    r = np.asarray(research, dtype=np.float64)
    return experience + (1.0 - experience) * ratio(r, r + research_half)


def labels(excellence: ArrayLike) -> NDArray[np.str_]:
    """Label of excellence of each cluster organisation.

    Bronze from 0.6, silver from 0.7, gold from 0.8 (`LABELS`; an assumption).

    Parameters
    ----------
    excellence
        Excellence of each, shape (n,), 0 to 1.

    Returns
    -------
    NDArray
        ``"none"``, ``"bronze"``, ``"silver"`` or ``"gold"``, shape (n,).
    """
    x = array("excellence", excellence, 1)
    names = np.array([NO_LABEL, *LABELS])
    reached: NDArray[np.str_] = names[np.searchsorted(list(LABELS.values()), x, side="right")]
    return reached


class Compared(NamedTuple):
    """A mean of the members of each organisation, and of the others beside them, shape (n,)."""

    members: FloatArray
    others: FloatArray


def members_and_others(
    amount: ArrayLike,
    weight: ArrayLike,
    *,
    inside: tuple[ArrayLike, ArrayLike],
    place: ArrayLike,
    n_places: int,
    home: ArrayLike,
) -> Compared:
    """Mean of members and of others of the same place, ``sum amount / sum weight`` of each.

    This is what a manager sees, and no effect: those who join differ from those who do not.

    Parameters
    ----------
    amount, weight
        Numerator and denominator of each firm, shape (f,); a NaN in `amount` leaves the firm out.
    inside
        Firm and organisation of each membership, shape (k,) each, in ``range(f)`` and
        ``range(n)``; of firms of the organisation's place, each pair once.
    place
        Place of each firm, shape (f,), in ``range(n_places)``; -1 is in none.
    n_places
        Number of places.
    home
        Place of each organisation, shape (n,); -1 for none.

    Returns
    -------
    Compared
        NaN where there are no members, or no others.

    Raises
    ------
    ValueError
        On wrong shapes, or an index out of range.
    """
    v = array("amount", amount, 1)
    w = amounts("weight", weight, 1, v.shape)
    p = indices("place", place, n_places, size=v.size)
    at = indices("home", home, n_places)
    firm, organisation = _ends("firm", inside[0], v.size), _ends("organisation", inside[1], at.size)
    known = ~np.isnan(v)
    v, w = np.where(known, v, 0.0), np.where(known, w, 0.0)
    of_place, of_members = [], []
    for x in (v, w):
        there = np.bincount(p + 1, weights=x, minlength=n_places + 1)
        of_place.append(np.where(at >= 0, there[at + 1], 0.0))
        of_members.append(np.bincount(organisation, weights=x[firm], minlength=at.size))
    left = of_place[1] - of_members[1]
    # What is left of the weights when nobody is left may be a rounding error.
    none = left <= _ROUNDING * of_place[1]
    others = ratio(of_place[0] - of_members[0], left, empty=np.nan)
    return Compared(
        members=ratio(of_members[0], of_members[1], empty=np.nan),
        others=np.where(none, np.nan, others),
    )


def percentile_rank(values: ArrayLike) -> FloatArray:
    """Share of the others that each exceeds, those who are level with it counting half.

    Parameters
    ----------
    values
        Shape (n,), any unit; NaN is left out.

    Returns
    -------
    FloatArray
        Shape (n,), 0 the lowest, 1 the highest; NaN where the value is NaN or has no other to be
        compared with.
    """
    v = array("values", values, 1)
    known = np.flatnonzero(~np.isnan(v))
    out = np.full(v.size, np.nan)
    if known.size > 1:
        ordered = np.sort(v[known])
        below = np.searchsorted(ordered, v[known], side="left")
        level = np.searchsorted(ordered, v[known], side="right") - below - 1
        out[known] = (below + 0.5 * level) / (known.size - 1)
    return out
