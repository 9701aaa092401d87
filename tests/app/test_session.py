"""A visitor's world without a browser: settings, twin, shocks, and the file that repeats a run."""

import numpy as np
import pytest

from clustersim.app.blows import BUTTONS, button
from clustersim.app.catalogue import Catalogue, Limits, TooLargeError
from clustersim.app.controls import SWITCHES, sliders
from clustersim.app.running import Running
from clustersim.app.session import Session, Twin, problem_of
from clustersim.experiments.legs import begin
from clustersim.experiments.run import run
from clustersim.scenario.problems import ScenarioError
from clustersim.scenario.reader import read_scenario, read_scenario_text
from clustersim.world.actors import Kind


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return Catalogue()


@pytest.fixture
def session(catalogue: Catalogue) -> Session:
    return Session(catalogue)


def steps(session: Session, quarters: int) -> None:
    for _ in range(quarters):
        session.step()


def biggest(running: Running) -> float:
    """Jobs of the largest instrument maker of the valley."""
    actors = running.world.actors
    here = actors.alive & (actors.kind == Kind.FIRM) & (actors.region == 0) & (actors.sector == 0)
    return float(actors.size[here].max())


def same_tables(one: dict, other: dict, rows: str = "clusters") -> None:
    for name, values in one[rows].items():
        np.testing.assert_array_equal(values, other[rows][name][: values.size], err_msg=name)


def test_a_world_on_the_page_is_the_world_of_the_command_line(session: Session) -> None:
    session.start()
    steps(session, 12)
    plain = begin(read_scenario("classroom"))
    for _ in range(12):
        plain.step()
    same_tables(session.main.tables, plain.tables())


def test_the_scenario_file_repeats_a_run_with_settings_seed_and_shocks(session: Session) -> None:
    session.put("learning.tie_rate", 0.3)
    session.put("world.exchange.fruitful_distance", 0.5)
    session.put("policies.vouchers.enabled", True)
    session.put("years", 5.0)
    session.put("shocks", [])
    session.put("policies.network.year", 1991)
    session.put("policies.vouchers.year", 1992)
    session.put_seed(77)
    session.start()
    steps(session, 6)
    for name in ("anchor", "technology", "pandemic"):
        session.strike(name, "Valley", "instruments")
    steps(session, 14)
    assert session.ended
    again = run(read_scenario_text(session.scenario_text()))
    same_tables(session.main.tables, again.tables)
    same_tables(session.main.tables, again.tables, "stages")
    np.testing.assert_array_equal(session.main.tables["actors"]["id"], again.tables["actors"]["id"])


def test_both_worlds_differ_in_nothing_before_the_policy_and_then_in_what_it_does(
    session: Session,
) -> None:
    session.put("policies.network.year", 1991)
    session.put_twin(Twin())
    session.start()
    steps(session, 4)
    jobs, other = session.main.history.jobs, session.other.history.jobs
    np.testing.assert_array_equal(jobs, other)
    steps(session, 16)
    assert not np.array_equal(session.main.history.jobs[-1], session.other.history.jobs[-1])
    assert session.main.money() > 0.0
    assert session.other.money() == 0.0
    assert session.main.supported().sum() == 1


def test_the_file_of_a_twin_says_what_it_is_compared_with(session: Session) -> None:
    session.put_twin(Twin("all is far", {"world.exchange.tacit_km": 0.5}))
    session.start()
    found = read_scenario_text(session.scenario_text()).scenario.against
    assert found == {"title": "all is far", "world.exchange.tacit_km": 0.5}


def test_a_shock_falls_on_both_worlds_in_the_next_quarter(session: Session) -> None:
    session.put_twin(Twin())
    session.start()
    steps(session, 3)
    before = [running.history.firms[-1] for running in (session.main, session.other)]
    largest = biggest(session.main)
    said = session.strike("anchor", "Valley", "instruments")
    assert said == "1990.75: largest firm closes: instruments, Valley"
    session.step()
    for running, firms in zip((session.main, session.other), before, strict=True):
        assert biggest(running) < 0.9 * largest
        assert running.history.firms[-1] != firms
        assert any("closes" in mark.label and mark.year == 1990.75 for mark in running.marks())


@pytest.mark.parametrize("one", BUTTONS, ids=lambda one: one.name)
def test_every_button_is_a_shock_that_the_scenario_file_takes(one, session: Session) -> None:
    session.start()
    session.strike(one.name, "Valley", "instruments")
    session.step()
    kinds = [shock.kind for shock in read_scenario_text(session.scenario_text()).scenario.shocks]
    assert kinds[-1] == one.what["kind"]
    assert button(one.name) is one


def test_settings_wait_for_a_new_run_and_a_value_as_usual_is_none(session: Session) -> None:
    session.start()
    assert not session.stale
    session.put("innovation.rate", 1.0)
    assert session.stale
    assert session.main.resolved.scenario.parameters["innovation.rate"] == 0.65
    session.start()
    assert session.main.resolved.scenario.parameters["innovation.rate"] == 1.0
    session.put("innovation.rate", 0.65)
    assert session.values == {}
    assert session.stale


def test_settings_that_are_put_back_are_no_change(session: Session) -> None:
    session.start()
    session.put("innovation.rate", 1.0)
    session.put_seed(7)
    session.put_twin(Twin())
    assert session.stale
    session.put("innovation.rate", 0.65)
    session.put_seed(session.base().scenario.seed)
    session.put_twin(None)
    assert not session.stale


def test_another_scenario_has_its_own_settings(session: Session) -> None:
    session.put("innovation.rate", 1.0)
    session.put_seed(5)
    session.choose("base")
    assert (session.values, session.seed, session.twin) == ({}, None, None)
    with pytest.raises(KeyError):
        session.choose("../../etc/passwd")


def test_nothing_happens_after_the_end(session: Session) -> None:
    session.put("years", 0.5)
    session.put("shocks", [])
    session.put("policies", [])
    session.start()
    steps(session, 5)
    assert session.main.world.clock.step == 2
    with pytest.raises(ValueError, match="has ended"):
        session.strike("pandemic", "Valley", "instruments")


def test_a_world_that_is_too_large_is_refused_before_it_is_founded(catalogue: Catalogue) -> None:
    session = Session(catalogue, Limits(actors=500))
    with pytest.raises(TooLargeError, match="employment_scale"):
        session.start()
    assert session.main is None


def test_a_world_that_grows_too_large_is_put_away(catalogue: Catalogue) -> None:
    session = Session(catalogue, Limits(actors=2000))
    session.start()
    session.limits = Limits(actors=10)
    session.step()
    assert session.main is None
    assert "too large" in session.notice


def test_settings_that_do_not_go_together_are_said_in_words(session: Session) -> None:
    session.put("market.selection", 99.0)
    with pytest.raises(ScenarioError) as caught:
        session.start()
    assert "99" in problem_of(caught.value)


def test_a_seed_out_of_range_is_refused(session: Session) -> None:
    with pytest.raises(ValueError, match="whole number"):
        session.put_seed(-1)


def test_put_away_worlds_can_be_founded_again(session: Session) -> None:
    session.start()
    session.close("idle")
    assert session.ended
    assert session.notice == "idle"
    session.step()
    session.start()
    assert session.notice == ""


def test_every_slider_and_switch_is_a_value_of_the_scenario(session: Session) -> None:
    schema_values = session.base().values
    for one in sliders():
        assert one.name in schema_values
        assert one.least <= session.usual(one.name) <= one.most
        assert one.meaning
        assert one.tooltip
        assert one.title
    for one in SWITCHES:
        assert session.usual(one.name) is True
    # The ends of all sliders together are a valid scenario.
    for end in ("least", "most"):
        read_scenario("classroom", overrides={one.name: getattr(one, end) for one in sliders()})


def test_a_teachers_own_file_comes_first(tmp_path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text("schema_version: 1\nextends: classroom\ntitle: Mine\nyears: 33\n")
    own = Catalogue(file)
    assert own.first == "mine"
    assert own.titles["mine"] == "Mine"
    assert Session(own).start().resolved.scenario.years == 33
    file.write_text("schema_version: 1\nnonsense: 3\n")
    with pytest.raises(ScenarioError):
        Catalogue(file)
