"""The public ledger: every euro of public policy, from the budget to who received it.

Amounts are whole cents of real money, so that sums are exact. A payment moves money from one
account to another or out of the public sector; nothing else changes an account.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Any, Final

import numpy as np

from clustersim.world.types import AnyArray, Ids

NOBODY: Final = -1
"""Identity of who is not simulated: the treasury, suppliers, people who are paid."""


class Purpose(IntEnum):
    """What a payment is for."""

    APPROPRIATION = 0
    """From the treasury to the account of a policy in a place."""
    FEE = 1
    """From a member to its cluster organisation."""
    STAFF = 2
    """From an account to the staff of a cluster organisation."""
    MEASURE = 3
    """From an account to, or for the sake of, a recipient of a measure."""
    RETURN = 4
    """From an account back to the treasury."""
    LEVY = 5
    """From a firm that regulation binds to the treasury; no account has part in it."""


COLUMNS: Final[dict[str, tuple[Any, str]]] = {
    "quarter": (np.int32, "quarters since the start"),
    "policy": (np.int32, "number of the policy, in the order in which they began"),
    "measure": (np.int32, "index of the measure in its policy; -1 for none"),
    "purpose": (np.int8, "appropriation, fee, staff, measure, return or levy"),
    "region": (np.int32, "index of the region of the account"),
    "sector": (np.int32, "index of the sector of the account"),
    "payer": (np.int64, "identity of who pays; -1 for the treasury"),
    "recipient": (np.int64, "identity of who receives, or is served; -1 for nobody simulated"),
    "kind": (np.int8, "kind of the recipient; -1 for nobody simulated"),
    "jobs": (np.float64, "jobs of the recipient"),
    "cents": (np.int64, "amount, cents of real money"),
    "cost": (np.int64, "cost of the project that the amount is aid for, cents; 0 for none"),
}
"""Columns of the ledger: type and meaning."""


class Ledger:
    """Payments, in the order in which they were made."""

    def __init__(self) -> None:
        self._parts: list[dict[str, AnyArray]] = []

    def book(self, n: int, **values: Any) -> None:
        """Book `n` payments.

        Parameters
        ----------
        n
            Number of payments.
        **values
            A value or an array of shape (n,) for each column.
        """
        if n == 0:
            return
        self._parts.append(
            {
                name: np.ascontiguousarray(np.broadcast_to(values[name], n).astype(dtype))
                for name, (dtype, _) in COLUMNS.items()
            }
        )

    def table(self) -> dict[str, AnyArray]:
        """Return all payments as columns."""
        if not self._parts:
            return {name: np.empty(0, dtype=dtype) for name, (dtype, _) in COLUMNS.items()}
        whole = {name: np.concatenate([part[name] for part in self._parts]) for name in COLUMNS}
        self._parts = [whole]
        return dict(whole)

    def since(self, n: int) -> dict[str, AnyArray]:
        """Return the payments after the first `n` as columns."""
        parts, later = [], n
        for part in self._parts:
            size = part["cents"].size
            if later < size:
                parts.append({name: values[max(later, 0) :] for name, values in part.items()})
            later -= size
        if not parts:
            return {name: np.empty(0, dtype=dtype) for name, (dtype, _) in COLUMNS.items()}
        return {name: np.concatenate([part[name] for part in parts]) for name in COLUMNS}


def shared_out(cents: int, weights: AnyArray) -> Ids:
    """Share a sum out in whole cents by weights; the parts sum to it exactly, shape (n,).

    Parameters
    ----------
    cents
        The sum, not negative.
    weights
        Not negative, not all zero, shape (n,).
    """
    reached = np.cumsum(weights, dtype=np.float64)
    ends = np.floor(reached / reached[-1] * cents + 0.5).astype(np.int64)
    ends[-1] = cents
    parts: Ids = np.diff(np.minimum(ends, cents), prepend=0)
    return parts
