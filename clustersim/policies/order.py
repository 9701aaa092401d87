"""Who comes first: ranks by score, and within the limits of groups, as pure functions."""

from __future__ import annotations

import numpy as np

from clustersim.world.types import AnyArray, Flags, Floats, Ids, Ints


def rank(score: Floats, taking_part: Flags) -> Ids:
    """Return the place of each in ascending order of score, from 0; n for those not taking part.

    Parameters
    ----------
    score
        The lowest comes first; equal scores in the order given, shape (n,).
    taking_part
        Who is ranked, shape (n,).
    """
    out = np.full(score.size, score.size, dtype=np.int64)
    rows = np.flatnonzero(taking_part)
    out[rows[np.argsort(score[rows], kind="stable")]] = np.arange(rows.size)
    return out


def within_limits(group: Ints, score: Floats, amount: Floats, limit: AnyArray) -> Flags:
    """Return who comes first in its group until the amounts reach the limit, shape (n,).

    Parameters
    ----------
    group
        Group of each, shape (n,), from 0 to G - 1.
    score
        The lowest comes first; equal scores in the order given, shape (n,).
    amount
        What each takes, not negative, shape (n,).
    limit
        How much each group has, shape (G,).
    """
    order = np.lexsort((score, group))
    sorted_group = group[order]
    begins = np.searchsorted(sorted_group, np.arange(limit.size))
    reached = np.cumsum(np.concatenate([[0.0], amount[order]]))
    taken = reached[1:] - reached[begins[sorted_group]]
    out = np.empty(group.size, dtype=np.bool_)
    # A millionth more, for sums of hours that are meant to reach the limit; cents are whole.
    out[order] = taken <= limit[sorted_group] + 1e-6
    return out
