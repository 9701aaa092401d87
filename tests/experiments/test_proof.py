"""What the ledger proves of the rules of policies."""

import numpy as np
import pytest

from clustersim.experiments.proof import prove, sentence
from clustersim.experiments.run import run
from clustersim.world.policy import Policy

PAYMENTS = (
    # purpose, kind, jobs, recipient, euro, cost
    ("appropriation", "", 0.0, -1, 1000.0, 0.0),
    ("measure", "firm", 10.0, 1, 300.0, 600.0),
    ("measure", "firm", 300.0, 2, 100.0, 400.0),
    ("measure", "firm", 12.0, 1, 100.0, 0.0),
    ("staff", "", 0.0, -1, 200.0, 0.0),
    ("levy", "", 0.0, -1, 5000.0, 0.0),
)


def ledger(payments=PAYMENTS):
    columns = zip(*payments, strict=True)
    names = ("purpose", "kind", "jobs", "recipient", "euro", "cost")
    table = {name: np.array(values) for name, values in zip(names, columns, strict=True)}
    return {"ledger": {**table, "policy": np.full(len(payments), "try")}}


def policy(**rules):
    return Policy.model_validate(
        {
            "name": "try",
            "year": 2000,
            "budget": 1.0,
            "measures": [{"action": "rd_grant"}],
            "rules": rules,
        }
    )


def proofs(tables, scale=1.0, **rules):
    return {one.rule: one for one in prove(tables, [policy(**rules)], scale)}


def test_what_is_found_by_hand():
    found = proofs(ledger(), sme_share=0.75, per_firm=500.0)
    assert {name: one.found for name, one in found.items()} == {
        "balance": 300.0,
        "sme_share": 0.8,
        "per_firm": 400.0,
        "aid_sme": 0.5,
        "aid_large": 0.25,
    }
    assert all(one.kept for one in found.values())
    text = sentence(list(found.values()))
    assert "the share of SMEs, the most for one firm, aid to SMEs, aid to large firms" in text


@pytest.mark.parametrize(
    ("rules", "broken"),
    [
        ({"sme_share": 0.81}, "sme_share"),
        ({"per_firm": 399.0}, "per_firm"),
        ({"aid_sme": 0.4}, "aid_sme"),
        ({"aid_large": 0.2}, "aid_large"),
    ],
)
def test_a_broken_rule_is_found(rules, broken):
    found = proofs(ledger(), **rules)
    assert [name for name, one in found.items() if not one.kept] == [broken]
    assert f"Rules were broken: {broken} of 'try'" in sentence(list(found.values()))


def test_more_paid_than_received_is_found():
    found = proofs(ledger((*PAYMENTS, ("return", "", 0.0, -1, 300.02, 0.0))))
    assert found["balance"].found == -0.02
    assert not found["balance"].kept


def test_a_simulated_firm_stands_for_several_real_ones():
    assert proofs(ledger(), scale=10.0, per_firm=50.0)["per_firm"].found == 40.0


def test_without_a_ledger_or_money_there_is_nothing_to_prove():
    assert prove({}, [policy()], 1.0) == []
    other = policy().model_copy(update={"name": "other"})
    assert prove(ledger(), [other], 1.0) == []
    assert sentence([]) == ""


def test_a_run_says_that_its_rules_were_kept():
    result = run("vouchers", years=28)
    rules = {one["rule"]: one for one in result.manifest["rules"]}
    assert rules["sme_share"]["found"] >= 0.75
    assert rules["per_firm"]["found"] <= 60_000
    assert all(one["kept"] for one in rules.values())
    assert "kept, as the ledger shows" in result.summary().words()
    assert result.summary().to_dict()["rules"][0]["rule"] == "balance"
