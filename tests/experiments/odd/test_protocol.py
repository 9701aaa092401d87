"""The ODD protocol: everything that the code and the scenario say is in it."""

import dataclasses
import re
from pathlib import Path
from typing import get_type_hints

import pytest

import clustersim
from clustersim.experiments.odd import reference
from clustersim.experiments.odd.protocol import odd
from clustersim.experiments.run import resolve
from clustersim.experiments.user_mechanism import UserMechanism
from clustersim.experiments.validation.facts import FACTS
from clustersim.experiments.validation.nulls import NULLS
from clustersim.mechanisms.base import Mechanism, parameter
from clustersim.recorder import CLUSTERS, ECONOMY
from clustersim.scenario.describe import describe
from clustersim.scenario.schema import parameters_of
from clustersim.schedule import SCHEDULE
from clustersim.world.actors import COLUMNS
from clustersim.world.levers import LEVERS
from clustersim.world.ties import LAYERS
from clustersim.world.world import Places, Sectors, World

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


def test_every_parameter_stands_with_its_value_unit_origin_bounds_and_source(text, resolved):
    rows = {row.path: row for row in describe(resolved)}
    for path, (mechanism, name) in parameters_of(resolved.schedule).items():
        row = rows[path]
        start = f"| `{path}` | {row.value} | {row.unit} | {_short(row.origin)} | {row.bounds} |"
        (line,) = [one for one in text.splitlines() if one.startswith(start)]
        source = dict(reference.parameters(mechanism)).get(name, {"source": "switch"})["source"]
        assert " ".join(source.replace("|", "\\|").split()) in line
    assert "| `exit.protection` | 0.125 | - | command line: --set exit.protection=0.125 |" in text


def test_every_other_value_stands_with_its_origin_and_bounds(text, resolved):
    mechanisms = parameters_of(resolved.schedule)
    others = [row for row in describe(resolved) if row.path not in mechanisms]
    assert {"seed", "years", "record_every"} < {row.path for row in others}
    for row in others:
        start = f"| `{row.path}` | {row.value} | {row.unit} | {_short(row.origin)} | {row.bounds} |"
        assert start in text


def test_names_stand_in_the_order_of_their_indices(text, resolved):
    fields = ", ".join(field.name for field in resolved.scenario.world.fields)
    assert f"technology fields, in the order of their indices: {fields}\n" in text


def test_shocks_of_the_scenario_are_input_data():
    inside = odd(resolve("shocks")).split("## 6. Input data")[1].split("## 7.")[0]
    assert "| `shocks.0.kind` | talent_loss |" in inside
    assert "| `shocks.3.depth` | 0.2 | share | shocks.yaml:" in inside


def test_every_column_layer_and_pattern_is_there(text):
    every = [one.name for one in COLUMNS] + [*CLUSTERS, *ECONOMY, *LAYERS]
    assert [name for name in every if f"| `{name}` |" not in text] == []
    assert [fact.id for fact in FACTS if f"| {fact.id} | {fact.use} |" not in text] == []
    assert [null.id for null in NULLS if f"| `{null.id}` | {null.expectation} |" not in text] == []


def test_every_lever_stands_with_what_it_acts_on(text):
    inside = text.split("### Levers")[1].split("###")[0]
    for lever in LEVERS:
        bounds = f"{lever.low:g} to {lever.high:g}"
        acts_on = ", ".join(f"`{name}`" for name in lever.mechanisms)
        start = f"| `{lever.name}` | {lever.of} | {lever.neutral:g} | {bounds} | {lever.unit} |"
        assert f"{start} {acts_on} | `policy` | {lever.meaning} |" in inside


def test_every_variable_of_the_world_has_a_meaning(text):
    entities = text.split("## 2.")[1].split("## 3.")[0]
    for cls in get_type_hints(World).values():
        if dataclasses.is_dataclass(cls):
            assert f"### {reference.headline(cls)}" in entities
            for field in dataclasses.fields(cls):
                (row,) = re.findall(
                    rf"^\| `{field.name}` \|.*\| (.+) \|$", _part(entities, cls), re.M
                )
                assert row.strip(), field.name


def _part(entities, cls):
    return entities.split(f"### {reference.headline(cls)}\n")[1].split("\n### ")[0]


def test_who_changes_a_variable_is_read_off_the_declarations(text):
    assert "| `wage` | `labour` | Wage cost, euro per job and year, shape (R,). |" in text
    assert "| `cash` | euro | 0 | `finance` | liquid funds |" in text


def test_every_decision_of_the_code_is_listed(text):
    """Whoever draws luck has to name the decision; the names in the sources are all there."""
    listed = text.split("Decisions that draw luck")[1].split("###")[0]
    package = Path(clustersim.__file__).parent
    files = [*(package / "mechanisms").glob("*.py"), *(package / "world").glob("*.py")]
    calls = r"draws\.(?:stream|uniforms?|uniform_of|identities)\(\s*\"([\w.]+)\""
    drawn = {name for one in files for name in re.findall(calls, one.read_text(encoding="utf-8"))}
    assert len(drawn) > 20
    assert sorted(name for name in drawn if f"`{name}`" not in listed) == []
    assert "`shocks.strike`" in listed  # named by a constant


def test_founding_and_shared_formulas_are_found_by_what_the_code_imports(text):
    founders = {one.__name__.rpartition(".")[2] for one in reference.founding_modules()}
    shared = {one.__name__.rpartition(".")[2] for one in reference.shared_modules(SCHEDULE)}
    assert {"founding", "economy", "institutions", "first_ties"} <= founders
    assert {"knowledge", "newcomers", "ring", "shock"} <= shared
    assert not founders & shared
    for call in ("absorptive_capacity(research, exchange)", "Ring.meet(group, point, seekers)"):
        assert f"\n{call}\n    " in text


def test_names_of_a_class_do_not_share_a_text():
    found = {name: text for name, _, text in reference.attributes(Sectors)}
    assert found["names"] != found["demand_start"]


def test_what_is_observed_stands_with_how_it_is_measured(text):
    observed = text.split("### Observation")[1].split("## 5.")[0]
    for formula in (
        "n^2 - |sum_i u_i|^2",  # heterogeneity
        "k.w_new / (k.w_old + k.w_new)",  # share on the newer paradigm
        "LQ >= minimum_quotient",  # cluster mapping
        "Least-squares slope of ln(jobs)",  # growth that stages are read off
        "lock-in: less",  # reasons of transitions
    ):
        assert formula in observed


def test_what_is_switched_off_is_said(resolved):
    off = odd(resolve(VALLEYS, {"adoption.enabled": False}))
    assert "`adoption` (switched off here): Firms adopt" in off


def test_the_same_scenario_gives_the_same_text(text, resolved):
    assert odd(resolved) == text


def test_constants_of_the_founding_have_their_meaning(text):
    for module in reference.founding_modules():
        for name, value, meaning in reference.constants(module, private=True):
            assert meaning, (module.__name__, name)
            assert f"| `{name}` | {value.replace('|', chr(92) + '|')} | {meaning} |" in text


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
    assert "| `guild.rate` | 0.5 | 1/year | default | from 0 to 1 | How often. | x |" in text


def test_cells_of_tables_hold_no_bars_or_breaks():
    assert reference.table(("a",), [["x | y\nz"]]) == "| a |\n|---|\n| x \\| y z |"
