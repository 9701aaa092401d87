"""The public sector: the ledger, the statistics it sees, and how its policies stand."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum

import numpy as np

from clustersim.world.ledger import NOBODY, Ledger
from clustersim.world.types import Flags, Floats, Ids


class Phase(IntEnum):
    """Phase of the management cycle of cluster organisations."""

    DEFINE = 0
    DESIGN = 1
    IMPLEMENT = 2
    MONITOR = 3
    EVALUATE = 4
    REVISE = 5


@dataclass
class Standing:
    """How a policy stands; its places are numbered ``region S + sector``, P = R S of them."""

    chosen: Flags
    """Places that the policy is for now, shape (P,)."""
    account: Ids
    """Money left, cents, shape (P,)."""
    office: Ids
    """Identity of the cluster organisation that carries it out, shape (P,); -1 for none."""
    built: Floats
    """Euro that a measure has laid out for a place and that have not worn out, shape (K, P)."""
    working: Floats
    """The part of them that works already, shape (K, P)."""
    plan: Floats
    """Weights of the measures in the money, sum one, shape (K, P)."""
    given: Floats
    """Euro allotted to each measure since the last revision of the plan, shape (K, P)."""
    used: Floats
    """Euro spent of it, shape (K, P)."""
    began: int
    """Step of its first quarter."""
    actions: tuple[str, ...]
    """Name of the action of each measure, K of them."""
    identified: int = -1
    """Step in which places were chosen last; -1 for not yet."""
    phase: Phase | None = None
    """Phase of its organisations; None without any, and when the policy has ended."""
    stopped: bool = False
    """Whether an election has ended the policy."""

    @classmethod
    def fresh(cls, actions: tuple[str, ...], weights: Floats, n_places: int, step: int) -> Standing:
        """Return how a policy stands before its first quarter, which is `step`.

        `weights` are those of the measures in the money, not all zero, shape (K,).
        """
        plan = np.repeat(weights[:, None] / weights.sum(), n_places, axis=1)
        return cls(
            began=step,
            actions=actions,
            chosen=np.zeros(n_places, dtype=np.bool_),
            account=np.zeros(n_places, dtype=np.int64),
            office=np.full(n_places, NOBODY, dtype=np.int64),
            built=np.zeros((len(actions), n_places)),
            working=np.zeros((len(actions), n_places)),
            plan=plan,
            given=np.zeros((len(actions), n_places)),
            used=np.zeros((len(actions), n_places)),
        )


@dataclass
class Public:
    """What the public sector knows and owns."""

    ledger: Ledger = field(default_factory=Ledger)
    """Every payment."""
    statistics: list[tuple[int, Floats]] = field(default_factory=list)
    """Step and simulated jobs by place, shape (R, S), once a year; only where there is a policy."""
    standing: dict[str, Standing] = field(default_factory=dict)
    """How each policy stands, by its name, in the order in which they began."""
    meetings: Ids = field(default_factory=lambda: np.empty((0, 2), dtype=np.int64))
    """Identities of those who are brought together in the coming quarter: who asks, and who is
    asked, shape (n, 2)."""
