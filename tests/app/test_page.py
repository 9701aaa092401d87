"""The page without a browser: its controls do what they say, and visitors are apart."""

import re
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from clustersim.app.catalogue import Catalogue, Limits
from clustersim.app.rooms import Rooms, open_rooms
from clustersim.app.session import Session

solara = pytest.importorskip("solara", reason="needs the extra `app`")

with warnings.catch_warnings():
    # Solara and Mesa warn of their own insides when they are imported.
    warnings.simplefilter("ignore")
    import ipyvuetify as v
    import solara.settings

    solara.settings.main.check_hooks = "off"
    from mesa.visualization import SolaraViz
    from mesa.visualization.utils import update_counter

    from clustersim.app import rooms as rooms_module
    from clustersim.app.model import TaughtModel
    from clustersim.app.page import Page
    from clustersim.app.views import Indicators, LifeCycle, Network, RegionMap

pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture
def house() -> Iterator[Rooms]:
    found = Rooms(limits=Limits(visitors=2))
    open_rooms(found)
    yield found
    found.close()
    rooms_module._current.clear()


class Visit:
    """A page that is drawn, and what a visitor does on it."""

    def __init__(self, house: Rooms) -> None:
        before = set(house._sessions)
        self.box, self.rc = solara.render(Page(), handle_error=False)
        self.session: Session | None = next(iter(set(house._sessions) - before), None)

    def press(self, label: str) -> None:
        (button,) = [one for one in self.rc.find(v.Btn).widgets if one.children == [label]]
        button.click()

    def choose(self, label: str, value: str) -> None:
        (field,) = [one for one in self.rc.find(v.Select).widgets if one.label == label]
        assert value in field.items
        field.v_model = value

    def switch(self, label: str, value: bool) -> None:
        (field,) = [one for one in self.rc.find(v.Switch).widgets if one.label == label]
        field.v_model = value

    def switches(self) -> list[str]:
        return [one.label for one in self.rc.find(v.Switch).widgets]

    def text(self) -> str:
        return (
            " ".join(
                str(getattr(one, "data", "")) + str(getattr(one, "template", ""))
                for one in self.rc.find(v.Html).widgets
            )
            + self._raw()
        )

    def _raw(self) -> str:
        found: list[str] = []

        def look(widget: Any) -> None:
            for name in ("unsafe_innerHTML", "innerHTML", "template"):
                text = getattr(widget, name, None)
                if text is not None:
                    found.append(str(getattr(text, "template", text)))
            for child in getattr(widget, "children", ()) or ():
                if hasattr(child, "keys"):
                    look(child)

        look(self.box)
        return " ".join(found)


@pytest.fixture
def visit(house: Rooms) -> Visit:
    return Visit(house)


def test_the_page_shows_a_world_and_steps_it(visit: Visit) -> None:
    assert "1990, quarter 1 of 2030" in visit.text()
    visit.press("Step")
    assert "1990, quarter 2 of 2030" in visit.text()
    assert "Life of the main clusters" in visit.text()
    assert "instruments, Valley" in visit.text()
    visit.press("Reset")
    assert visit.session.main.year == 1990.0


def test_settings_hold_after_beginning_anew(visit: Visit) -> None:
    visit.switch("network (from 2000 to 2015)", False)
    assert "Settings have changed" in visit.text()
    visit.press("▸ Mechanisms")
    visit.switch("Spin-offs", False)
    visit.press("Begin anew")
    scenario = visit.session.main.resolved.scenario
    assert scenario.parameters["entry.spin_offs"] is False
    assert not any(policy.enabled for policy in scenario.policies)
    assert "Settings have changed" not in visit.text()


def test_parameters_have_sliders_with_what_is_known(visit: Visit) -> None:
    visit.press("▸ Parameters")
    sliders = visit.rc.find(v.Slider).widgets
    assert len(sliders) >= 12
    sliders[0].v_model = 0.3
    assert visit.session.values == {"entry.start_up_rate": 0.3}


def test_two_worlds_run_side_by_side(visit: Visit) -> None:
    visit.choose("Worlds", "two worlds: the other without policy")
    visit.press("Begin anew")
    visit.press("Step")
    assert visit.session.other.year == 1990.25
    assert "Other: the same without policy" in visit.text()
    assert "Difference between both worlds" in visit.text()
    assert "What evaluators would say" in visit.text()


def test_shocks_strike_by_button(visit: Visit) -> None:
    visit.press("Close the anchor firm")
    assert "1990: largest firm closes: instruments, Valley" in visit.text()
    visit.press("Step")
    assert [shock.kind for shock in visit.session.struck] == ["anchor_exit"]


def test_a_lesson_brings_its_world_and_its_words(visit: Visit) -> None:
    visit.choose("Lesson", "4. The anchor firm leaves")
    assert visit.session.twin.label == "the anchor firm stays"
    assert visit.session.main.resolved.scenario.seed == 5
    assert "Does the cluster come back?" in visit.text()
    fields = {one.label: one.v_model for one in visit.rc.find(v.TextField).widgets}
    assert fields["Seed (number of the luck)"] == "5"
    assert "network (from 2000 to 2015)" in visit.switches()
    visit.choose("Lesson", "no lesson")
    assert "Does the cluster come back?" not in visit.text()


def test_another_scenario_has_other_policies(visit: Visit) -> None:
    title = visit.session.catalogue.titles["base"]
    visit.choose("Scenario", f"{title} (base)")
    assert visit.switches() == []
    assert "This scenario has no policy" in visit.text()
    assert "1990, quarter 1 of 2050" in visit.text()


def test_a_scenario_that_is_too_large_is_refused_in_words(visit: Visit) -> None:
    title = visit.session.catalogue.titles["panorama"]
    visit.choose("Scenario", f"{title} (panorama)")
    assert "employment_scale" in visit.session.notice + str(
        [one.children for one in visit.rc.find(v.Alert).widgets]
    )


def test_colours_and_lines_can_be_chosen(visit: Visit) -> None:
    for colour in ("stage of the cluster", "sector", "kind of actor"):
        visit.choose("Colour", colour)
    visit.choose("Lines", "key suppliers")
    assert "infancy" in visit.text()


def test_visitors_do_not_disturb_each_other_and_not_too_many_come_in(house: Rooms) -> None:
    one, two = Visit(house), Visit(house)
    one.press("Step")
    assert (one.session.main.year, two.session.main.year) == (1990.25, 1990.0)
    three = Visit(house)
    assert three.session is None
    assert "All 2 places are taken" in three.text()
    one.rc.close()
    assert house.present == 1
    assert one.session.main is None
    assert Visit(house).session is not None


def test_an_idle_world_is_put_away_and_can_be_begun_anew(house: Rooms, visit: Visit) -> None:
    visit.session.used -= 60 * 31
    assert house.put_away() == 1
    assert visit.session.main is None
    update_counter.value += 1
    visit.press("Begin anew")
    assert visit.session.main is not None


def test_memory_is_given_back_once_when_nobody_has_left_for_a_while(
    house: Rooms, monkeypatch: pytest.MonkeyPatch
) -> None:
    from clustersim.app import rooms as rooms_module

    given = []
    monkeypatch.setattr(rooms_module, "give_back", lambda: given.append(1))
    assert not house.go_round()
    session = house.admit()
    assert session is not None
    house.leave(session)
    assert not house.go_round()  # others may be about to leave
    house._left -= rooms_module.LINGER + 1.0
    assert house.go_round()
    assert not house.go_round()
    assert given == [1]


def test_the_views_stand_in_mesas_own_page_too() -> None:
    session = Session(Catalogue())
    page = SolaraViz(
        TaughtModel(session),
        components=[(one, 0) for one in (Network, LifeCycle, RegionMap, Indicators)],
        model_params={"session": session},
        name="clustersim",
    )
    _, rc = solara.render(solara.AppLayout(children=[page]), handle_error=False)
    (step,) = [one for one in rc.find(v.Btn).widgets if one.children == ["Step"]]
    step.click()
    assert session.main.year == 1990.25
    rc.close()


def test_the_examples_of_the_documentation_run(capsys: pytest.CaptureFixture[str]) -> None:
    text = (Path(__file__).parents[2] / "docs" / "app.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    assert len(blocks) == 2
    for block in blocks:
        exec(block, {})  # noqa: S102  # what our own page says
    float(capsys.readouterr().out)
