"""The ODD protocol: everything that the code and the scenario say is in it."""

import re
from pathlib import Path

import pytest

from clustersim.experiments.odd import reference
from clustersim.experiments.odd.protocol import FOUNDING, odd
from clustersim.experiments.run import resolve
from clustersim.experiments.user_mechanism import UserMechanism
from clustersim.experiments.validation.facts import FACTS
from clustersim.mechanisms.base import Mechanism, parameter
from clustersim.recorder import CLUSTERS, ECONOMY
from clustersim.scenario.describe import describe
from clustersim.schedule import SCHEDULE
from clustersim.world.actors import COLUMNS
from clustersim.world.ties import LAYERS
from clustersim.world.world import Places

VALLEYS = Path(__file__).parents[1] / "data" / "valleys.yaml"
ELEMENTS = (
    "1. Purpose and patterns",
    "2. Entities, state variables and scales",
    "3. Process overview and scheduling",
    "4. Design concepts",
    "5. Initialization",
    "6. Input data",
    "7. Submodels",
)
CONCEPTS = (
    "Basic principles",
    "Emergence",
    "Adaptation",
    "Objectives",
    "Learning",
    "Prediction",
    "Sensing",
    "Interaction",
    "Stochasticity",
    "Collectives",
    "Observation",
)


def _short(origin):
    return "valleys.yaml" + origin.rpartition("valleys.yaml")[2] if "valleys" in origin else origin


@pytest.fixture(scope="module")
def resolved():
    return resolve(VALLEYS, {"exit.protection": 0.125})


@pytest.fixture(scope="module")
def text(resolved):
    return odd(resolved)


def test_the_seven_elements_and_the_eleven_concepts_stand_in_their_order(text):
    assert re.findall(r"^## (.*)$", text, re.MULTILINE) == list(ELEMENTS)
    inside = text.split("## 4. Design concepts")[1].split("## 5.")[0]
    assert re.findall(r"^### (.*)$", inside, re.MULTILINE)[:11] == list(CONCEPTS)


def test_every_mechanism_stands_with_its_whole_docstring(text):
    for number, mechanism in enumerate(SCHEDULE, start=1):
        assert f"### 7.{number} `{mechanism.name}`: " in text
        assert reference.mechanism_text(mechanism) in text


def test_every_parameter_stands_with_its_value_unit_origin_and_source(text, resolved):
    rows = {row.path: row for row in describe(resolved)}
    for mechanism in SCHEDULE:
        for name, field in reference.parameters(mechanism):
            row = rows[f"{mechanism.name}.{name}"]
            start = f"| `{row.path}` | {row.value} | {row.unit} | {_short(row.origin)} |"
            (line,) = [one for one in text.splitlines() if one.startswith(start)]
            assert " ".join(field["source"].replace("|", "\\|").split()) in line
    assert "| `exit.protection` | 0.125 | - | command line: --set exit.protection=0.125 |" in text


def test_every_value_of_the_world_stands_with_its_origin(text, resolved):
    for row in describe(resolved):
        if row.path.startswith("world."):
            assert f"| `{row.path}` | {row.value} | {row.unit} | {_short(row.origin)} |" in text


def test_every_column_layer_and_pattern_is_there(text):
    every = [one.name for one in COLUMNS] + [*CLUSTERS, *ECONOMY, *LAYERS]
    assert [name for name in every if f"| `{name}` |" not in text] == []
    assert [fact.id for fact in FACTS if f"| {fact.id} | {fact.use} |" not in text] == []


def test_what_is_switched_off_is_said(resolved):
    off = odd(resolve(VALLEYS, {"adoption.enabled": False}))
    assert "`adoption` (switched off here): Firms adopt" in off


def test_the_same_scenario_gives_the_same_text(text, resolved):
    assert odd(resolved) == text


def test_constants_of_the_founding_have_their_meaning(text):
    for module in FOUNDING:
        for name, value, meaning in reference.constants(module):
            assert meaning or name == name.lower() or name in text, (module.__name__, name)
            assert f"| `{name}` | {value.replace('|', chr(92) + '|')} |" in text


def test_attributes_are_read_with_the_text_that_follows_each():
    found = {name: text for name, _, text in reference.attributes(Places)}
    assert found["unemployed"] == "People who look for work in the sector, simulated."
    assert set(found) == set(Places.__dataclass_fields__)
    assert all(found.values())


class Guild(Mechanism):
    """Guilds meet.

    ``x = y``
    """

    name = "guild"
    writes = ("actors.size",)

    rate: float = parameter(0.5, low=0.0, high=1.0, unit="1/year", meaning="How often.", source="x")


def test_a_mechanism_of_ones_own_appears_by_itself():
    text = odd(resolve(VALLEYS, None, [UserMechanism(Guild, Path(__file__), "0")]))
    assert f"### 7.{len(SCHEDULE) + 1} `guild`: Guilds meet" in text
    assert "| `guild.rate` | 0.5 | 1/year | default | 0.0 to 1.0 | How often. | x |" in text


def test_cells_of_tables_hold_no_bars_or_breaks():
    assert reference.table(("a",), [["x | y\nz"]]) == "| a |\n|---|\n| x \\| y z |"
