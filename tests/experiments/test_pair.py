"""Two scenarios that share years are simulated once until they part."""

from pathlib import Path

import pytest

from clustersim.experiments.counterpart import counterpart
from clustersim.experiments.pair import run_pair
from clustersim.experiments.parting import common_quarters
from clustersim.experiments.run import resolve, run
from clustersim.experiments.user_mechanism import load_mechanism
from tests.experiments.test_branch import POLICIES, VALLEYS
from tests.experiments.test_run import RESEARCH_BOOST


@pytest.fixture
def scenario(tmp_path) -> Path:
    (tmp_path / "valleys.yaml").write_bytes(VALLEYS.read_bytes())
    file = tmp_path / "policies.yaml"
    file.write_text(POLICIES, encoding="utf-8")
    return file


def prints(*results):
    return [result.fingerprint for result in results]


@pytest.mark.parametrize(
    ("name", "years", "shared"), [("vouchers", 30, 100), ("poles", 19, 60), ("classroom", 31, 40)]
)
def test_a_pair_is_two_runs_to_the_last_bit(name, years, shared):
    resolved = resolve(name, {"years": years})
    other = counterpart(resolved, {"years": years})
    assert common_quarters(resolved, other) == shared
    pair = run_pair(resolved, other)
    alone = run(resolved), run(other)
    assert prints(*pair) == prints(*alone)
    assert pair[0].fingerprint != pair[1].fingerprint
    for one, two in zip(pair, alone, strict=True):
        assert one.manifest["scenario"] == two.manifest["scenario"]
        assert one.manifest.get("rules") == two.manifest.get("rules")


@pytest.mark.parametrize(
    ("values", "shared"),
    [
        ({"policies.gone.enabled": False}, 4),
        ({"policies.network.budget": 1e6}, 8),
        ({"policies.price.year": 1993.25}, 12),
        ({"policies.vouchers.year": 1994.6}, 18),
        ({"policies.training.budget": 0}, 28),
        ({"years": 8}, 32),
        ({"title": "Another title"}, 40),
        ({"seed": 8}, 0),
        ({"record_every": 1}, 0),
        ({"market.selection": 0.7}, 0),
        ({"shocks": [{"kind": "pandemic", "year": 1998}]}, 0),
        ({"world.regions.Upper Valley.universities": 2}, 0),
    ],
)
def test_what_is_shared_is_what_is_the_same(scenario, values, shared):
    one, other = resolve(scenario), resolve(scenario, values)
    assert common_quarters(one, other) == common_quarters(other, one) == shared
    assert prints(*run_pair(one, other)) == prints(run(one), run(other))


def test_without_the_mechanism_policies_never_act(scenario):
    off = {"policy.enabled": False}
    one = resolve(scenario, off)
    assert common_quarters(one, counterpart(one, off)) == 40


def test_the_order_of_policies_counts(scenario):
    whole = resolve(scenario)
    policies = whole.scenario.policies
    turned = whole.scenario.model_copy(update={"policies": policies[::-1]})
    other = resolve(scenario)
    object.__setattr__(other, "scenario", turned)
    # `gone` acts alone from 1991 on, `network` beside it from 1992 on.
    assert common_quarters(whole, other) == 8


def test_with_mechanisms_of_the_users_own_nothing_is_shared(scenario, tmp_path):
    file = tmp_path / "boost.py"
    file.write_text(RESEARCH_BOOST, encoding="utf-8")
    boost = [load_mechanism(str(file))]
    one = resolve(scenario, {"years": 8}, boost)
    other = counterpart(one, {"years": 8}, boost)
    told = []
    pair = run_pair(
        one, other, mechanisms=boost, other_progress=lambda done, total: told.append((done, total))
    )
    assert told[0] == (1, 32)
    assert prints(*pair) == prints(run(one, mechanisms=boost), run(other, mechanisms=boost))


def test_progress_is_told_of_each_quarter_once(scenario):
    one = resolve(scenario)
    other = resolve(scenario, {"policies.vouchers.enabled": False})
    first, second = [], []
    run_pair(
        one,
        other,
        progress=lambda done, total: first.append((done, total)),
        other_progress=lambda done, total: second.append((done, total)),
    )
    assert first == [(done, 40) for done in range(1, 41)]
    assert second == [(done, 40) for done in range(19, 41)]
