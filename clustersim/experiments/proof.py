"""Whether the policies of a run kept their rules: proved from the ledger, payment by payment."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np

from clustersim.store import Tables
from clustersim.world.policy import LARGE, Policy

CENT: Final = 0.01
_RECEIVED: Final = ("appropriation", "fee")
_PAID: Final = ("staff", "measure", "return")


@dataclass(frozen=True)
class Proof:
    """A rule of a policy, and what the ledger shows.

    Attributes
    ----------
    policy
        Name of the policy.
    rule
        ``balance`` (what accounts received and have not paid, euro), ``sme_share``, ``per_firm``
        (euro for one real firm at most), ``aid_sme`` or ``aid_large`` (share of a project's cost).
    limit, found
        The least or most that is allowed, and what is found; `found` is None where nothing was
        spent that the rule is about.
    kept
        Whether the rule was kept.
    """

    policy: str
    rule: str
    limit: float
    found: float | None
    kept: bool

    def to_dict(self) -> dict[str, Any]:
        """Return everything as one dictionary that JSON can hold."""
        return asdict(self)


def prove(tables: Tables, policies: Sequence[Policy], employment_scale: float) -> list[Proof]:
    """Return which rules the policies of a run have kept.

    Parameters
    ----------
    tables
        Of a run; ``ledger`` is read. Without it there is nothing to prove.
    policies
        The policies of its scenario.
    employment_scale
        Real firms that a simulated one stands for.

    Returns
    -------
    list of Proof
        The balance of each policy in the ledger, then the rules that it has.
    """
    if "ledger" not in tables:
        return []
    ledger = {name: np.asarray(values) for name, values in tables["ledger"].items()}
    found: list[Proof] = []
    for policy in policies:
        own = ledger["policy"] == policy.name
        if own.any():
            part = {name: values[own] for name, values in ledger.items()}
            found += _proofs(part, policy, employment_scale)
    return found


def _proofs(ledger: dict[str, Any], policy: Policy, scale: float) -> Iterator[Proof]:
    name, rules, euro = policy.name, policy.rules, ledger["euro"]
    came = float(euro[np.isin(ledger["purpose"], _RECEIVED)].sum())
    left = came - float(euro[np.isin(ledger["purpose"], _PAID)].sum())
    yield Proof(name, "balance", 0.0, round(left, 2), left > -CENT)
    served = (ledger["purpose"] == "measure") & (ledger["kind"] == "firm")
    small = ledger["jobs"] < LARGE
    if rules.sme_share:
        total = float(euro[served].sum())
        share = float(euro[served & small].sum()) / total if total > 0.0 else None
        kept = share is None or share >= rules.sme_share - CENT / total
        yield Proof(name, "sme_share", rules.sme_share, share, kept)
    if rules.per_firm is not None:
        _, firm = np.unique(ledger["recipient"][served], return_inverse=True)
        each = np.bincount(firm, weights=euro[served]) / scale
        most = float(each.max()) if each.size else None
        kept = most is None or most <= rules.per_firm + CENT
        yield Proof(name, "per_firm", rules.per_firm, most, kept)
    aided = served & (ledger["cost"] > 0.0)
    for rule, of_size in (("aid_sme", small), ("aid_large", ~small)):
        those = aided & of_size
        if those.any():
            limit = float(getattr(rules, rule))
            most = float((euro[those] / ledger["cost"][those]).max())
            # The cost of a project is known to the cent.
            kept = bool((euro[those] <= limit * ledger["cost"][those] + CENT).all())
            yield Proof(name, rule, limit, most, kept)


def sentence(proofs: Sequence[Proof]) -> str:
    """Return in words which rules were kept; empty if there is none beside the balance."""
    names = {
        "sme_share": "the share of SMEs",
        "per_firm": "the most for one firm",
        "aid_sme": "aid to SMEs",
        "aid_large": "aid to large firms",
    }
    broken = [one for one in proofs if not one.kept]
    if broken:
        told = ", ".join(f"{one.rule} of {one.policy!r} ({one.found})" for one in broken)
        return f"Rules were broken: {told}."
    kept = list(dict.fromkeys(names[one.rule] for one in proofs if one.rule in names))
    if not kept:
        return ""
    return f"Every euro is accounted for; kept, as the ledger shows: {', '.join(kept)}."
