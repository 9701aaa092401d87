"""The European panorama: its generator, its founding, which meets the brief, and its run."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from clustersim.experiments.identify import identify
from clustersim.experiments.run import run
from clustersim.measures.clusters import cluster_strength
from clustersim.scenario import builtin
from clustersim.scenario.reader import read_scenario
from clustersim.scenario.table import read_employment_table
from experiments.panorama import make as panorama
from experiments.panorama import study
from experiments.panorama.sectors import FAMILIES, LOCAL

ROOT = Path(__file__).parents[2]
SCENARIOS = ROOT / "scenarios"
NAMES = ("panorama.csv", "panorama.yaml")
COARSE = {"world.employment_scale": 4_000, "policies.strong.year": 2021, "policies.thin.year": 2021}
"""As many firms as places, for speed, and the programme in the second year."""


@pytest.fixture(scope="module")
def found():
    return identify(read_employment_table(SCENARIOS / "panorama.csv"))


def test_the_files_are_what_the_generator_writes_byte_for_byte(tmp_path):
    panorama.main(["--out", str(tmp_path)])
    for name in NAMES:
        assert (tmp_path / name).read_bytes() == (SCENARIOS / name).read_bytes()


def test_a_changed_file_is_noticed(tmp_path, monkeypatch):
    monkeypatch.setattr(panorama, "make", lambda: {"panorama.csv": "right\n"})
    (tmp_path / "panorama.csv").write_text("right\n")
    panorama.main(["--check", "--out", str(tmp_path)])
    (tmp_path / "panorama.csv").write_text("wrong\n")
    with pytest.raises(SystemExit, match=r"panorama\.csv is not what this program writes"):
        panorama.main(["--check", "--out", str(tmp_path)])


def test_the_table_has_the_clusters_and_jobs_of_the_brief(found):
    assert found.counts == {"high": 198, "medium": 898, "basic": 1_854}
    assert found.cluster_jobs == pytest.approx(61.8e6, rel=0.01)
    assert found.cluster_jobs_share == pytest.approx(0.234, rel=0.01)
    assert found.cluster_jobs / 2_950 == pytest.approx(20_950, rel=0.01)


def test_what_sells_beyond_its_region_is_half_in_clusters_and_what_serves_it_is_in_none(found):
    local = np.isin(found.table.sectors, list(FAMILIES[LOCAL].sectors))
    assert (local.sum(), (~local).sum()) == (8, 46)
    assert not found.is_cluster[:, local].any()
    traded = found.table.jobs[:, ~local].sum()
    assert found.cluster_jobs / traded == pytest.approx(0.503, rel=0.01)


def test_few_local_industries_are_moved_by_hand(found):
    _, drawn = panorama.employment(list(panorama.sectors()))
    names = [sector.name for sector in panorama.sectors()]
    order = [names.index(name) for name in found.table.sectors]
    rows = np.argsort(np.argsort([int(name[-3:]) for name in found.table.regions]))
    moved = found.table.jobs != drawn[rows][:, order]
    assert 0 < moved.sum() < 50
    change = np.abs(found.table.jobs - drawn[rows][:, order]).sum()
    assert change < 0.0001 * found.table.total_jobs


def test_firms_are_fine_enough_and_the_programmes_differ_in_whom_they_are_for_alone():
    resolved = read_scenario("panorama")
    assert not any("fewer jobs than one simulated firm" in note for note in resolved.notes)
    strong, thin = resolved.scenario.policies
    assert (strong.enabled, thin.enabled) == (True, False)
    assert resolved.scenario.against == {
        "title": "The same money for all clusters",
        "policies.strong.enabled": False,
        "policies.thin.enabled": True,
    }
    same = {"name": "", "about": "", "enabled": True, "identification": None}
    assert strong.model_copy(update=same) == thin.model_copy(update=same)


def test_it_is_found_where_a_wheel_has_its_scenarios(tmp_path, monkeypatch):
    shutil.copytree(SCENARIOS, tmp_path / "clustersim" / "_scenarios")
    monkeypatch.setattr(builtin, "_PACKAGE", tmp_path / "clustersim")
    assert "panorama" in builtin.builtin_paths()
    resolved = read_scenario("panorama")
    assert [path.parent for path in resolved.files] == [tmp_path / "clustersim" / "_scenarios"] * 3
    assert len(resolved.scenario.world.regions) == panorama.REGIONS


def test_it_runs_with_either_programme():
    switched = {"policies.strong.enabled": False, "policies.thin.enabled": True}
    runs = [run("panorama", years=2, overrides={**COARSE, **more}) for more in ({}, switched)]
    places, money = [], []
    for done in runs:
        clusters, ledger = done.tables["clusters"], done.tables["ledger"]
        start = clusters["jobs"][clusters["quarter"] == 0].reshape(panorama.REGIONS, -1)
        strength = cluster_strength(start)
        # Jobs are sums over firms here, and the last bit decides where two places are alike.
        counts = [int((strength == level).sum()) for level in (1, 2, 3)]
        assert counts == pytest.approx([1_854, 898, 198], abs=2)
        given = ledger["purpose"] == "appropriation"
        pairs = ledger["region"][given].astype(np.int64) * start.shape[1] + ledger["sector"][given]
        places.append(np.unique(pairs))
        money.append(ledger["euro"][given].sum())
        assert ledger["euro"][ledger["purpose"] == "measure"].sum() > 0.0
        assert all(one["kept"] for one in done.manifest["rules"])
    # A billion a year, from when the organisations have been set up; until then, their staff.
    assert 0.5e9 < min(money) <= max(money) < 1e9
    # Statistics err, so that not just those of the table are found.
    strong, all_classes = (one.size for one in places)
    assert 50 < strong < 400
    assert 1_500 < all_classes < 3_500


def test_the_study_compares_programmes_with_none_on_the_same_luck(monkeypatch, capsys):
    monkeypatch.setitem(study.PROGRAMMES, "thin", study.PROGRAMMES["strong"])
    study.main(["--seeds", "1", "--years", "5", "--scale", "8000", "--workers", "1", "--json"])
    found = json.loads(capsys.readouterr().out)
    first, last = found["structure"]
    assert [first[name] for name in ("high", "medium", "basic")] == [198, 898, 1_854]
    assert first["traded"] == first["clusters"] == 2_950
    assert first["share_of_traded"] == pytest.approx(0.503, rel=0.01)
    assert "premium" not in first
    assert -0.5 < last["premium_basic"] < last["premium_high"] < 0.5
    strong, thin = (found["programmes"][name] for name in ("strong", "thin"))
    assert strong == thin
    # The programme runs for the last year of five.
    assert 0.0 < strong["million_euro"] <= 1_000.0
    assert strong["everywhere"]["research"] != 0.0
    assert set(strong["error"].values()) == {None}
    text = study.words(found)
    assert "2020   198     898  1,854  2,950" in text
    assert "strong: " in text


def test_premiums_are_over_the_mean_of_the_sector():
    # Two regions, two sectors; the second sector is twice as productive everywhere.
    jobs = np.array([[[30.0, 10.0], [10.0, 30.0]]])
    level = np.array([[[1.2, 2.0], [0.4, 2.0]]])
    one = study.Course(
        years=np.array([2020.0]),
        columns={"jobs": jobs, "log_productivity": np.log(level)},
        traded=np.array([True, False]),
        paid=np.zeros((2, 2)),
    )
    found = study.structure(one, 0)
    # Location quotients are 1.5 where there are 30 jobs; means of the sectors 1.0 and 2.0.
    assert (found["clusters"], found["traded"]) == (2, 1)
    assert found["share_of_traded"] == 0.75
    assert found["premium"] == pytest.approx((30 * 1.2 + 30 * 1.0) / 60 - 1)


def test_what_a_programme_changes_is_the_difference_of_two_worlds():
    shape = (2, 1, 2)
    world = {name: np.ones(shape) for name in study.COLUMNS}
    more = {**world, "innovations": np.array([[[1.0, 1.0]], [[3.0, 2.0]]])}
    years, traded, paid = np.arange(2.0), np.ones(2, dtype=bool), np.array([[5.0, 0.0]])
    done, without = (study.Course(years, columns, traded, paid) for columns in (more, world))
    assert study.effects(done, without, paid != 0.0) == {
        "innovations": 2.0,
        "innovations_relative": 1.0,
        "research": 0.0,
        "jobs_at_the_end": 0.0,
    }
