import pytest
from pydantic import ValidationError

from clustersim.mechanisms.base import Mechanism, parameter
from clustersim.schedule import SCHEDULE, explain, mechanisms

NAMES = [mechanism.name for mechanism in SCHEDULE]
PARAMETERS = [
    (mechanism, name)
    for mechanism in SCHEDULE
    for name in mechanism.model_fields
    if name != "enabled" and name not in mechanism.sections  # what happens is no number
]


def ids(pair):
    return f"{pair[0].name}.{pair[1]}"


def test_mechanisms_are_in_the_order_of_the_schedule():
    made = mechanisms()
    assert tuple(type(mechanism) for mechanism in made) == SCHEDULE
    assert all(mechanism.enabled for mechanism in made)
    assert len(set(NAMES)) == len(NAMES)


def test_the_quarter_is_in_the_order_that_the_model_needs():
    # What is relevant is set before anybody learns; who is there before who works together.
    for earlier, later in (
        ("shocks", "market"),
        ("frontier", "learning"),
        ("labour", "market"),
        ("innovation", "projects"),
        ("projects", "market"),
        ("market", "finance"),
        ("finance", "exit"),
        ("exit", "entry"),
        ("entry", "relocation"),
        ("relocation", "collaboration"),
    ):
        assert NAMES.index(earlier) < NAMES.index(later)


def test_parameters_are_given_by_the_name_of_the_mechanism():
    made = {
        mechanism.name: mechanism
        for mechanism in mechanisms({"learning": {"tie_rate": 3.5}, "entry": {"enabled": False}})
    }
    assert made["learning"].tie_rate == 3.5
    assert not made["entry"].enabled
    assert made["exit"].enabled


def test_what_is_given_is_left_as_it_is():
    given = {"learning": {"tie_rate": 3.5}}
    mechanisms(given)
    assert given == {"learning": {"tie_rate": 3.5}}


def test_an_unknown_mechanism_is_refused_with_the_known_ones():
    with pytest.raises(KeyError, match=r"no mechanism is called 'lerning', 'exits'") as error:
        mechanisms({"lerning": {}, "learning": {}, "exits": {}})
    assert all(name in str(error.value) for name in NAMES)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"learning": {"tierate": 1.0}}, "tierate\n  Extra inputs are not permitted"),
        ({"learning": {"tie_rate": "fast"}}, "tie_rate\n  Input should be a valid number"),
        ({"learning": {"tie_rate": float("nan")}}, "tie_rate\n  Input should be a finite number"),
        ({"learning": {"tie_rate": -1.0}}, "tie_rate\n  Input should be greater than"),
        ({"learning": {"enabled": "often"}}, "enabled\n  Input should be a valid boolean"),
    ],
)
def test_a_wrong_parameter_is_refused(wrong, message):
    with pytest.raises(ValidationError, match=message):
        mechanisms(wrong)


def test_a_mechanism_cannot_be_changed():
    with pytest.raises(ValidationError, match="frozen"):
        mechanisms()[0].enabled = False


def test_explain_lists_every_mechanism_in_order():
    lines = explain().splitlines()
    assert len(lines) == 2 * len(SCHEDULE)
    for number, mechanism in enumerate(SCHEDULE, start=1):
        head, writes = lines[2 * number - 2 : 2 * number]
        assert head.split()[:2] == [str(number), mechanism.name]
        assert mechanism.__doc__.strip().splitlines()[0] in head
        assert writes.split(maxsplit=1) == ["writes", ", ".join(mechanism.writes)]


@pytest.mark.parametrize("mechanism", SCHEDULE, ids=lambda mechanism: mechanism.name)
def test_the_docstring_of_a_mechanism_is_its_specification(mechanism):
    summary, *rest = mechanism.__doc__.strip().splitlines()
    assert summary.endswith(".")
    if mechanism.name != "shocks":  # the sources of shocks stand with the kinds of shock
        assert "Source" in "\n".join(rest)
    assert mechanism.apply is not Mechanism.apply
    assert mechanism.writes


def test_sources_of_shocks_stand_with_their_kinds():
    from clustersim.mechanisms.shocks import DemandShock

    assert "Eurostat" in DemandShock.__doc__


@pytest.mark.parametrize("pair", PARAMETERS, ids=ids)
def test_a_parameter_has_unit_meaning_source_and_a_default_within_bounds(pair):
    mechanism, name = pair
    field = mechanism.model_fields[name]
    assert field.description.endswith((".", "world."))
    assert len(field.description) > 10
    assert field.json_schema_extra["unit"]
    assert field.json_schema_extra["source"]
    # Defaults are not checked by pydantic itself, values that are given are.
    given = mechanism.model_validate({name: field.default})
    assert getattr(given, name) == field.default
    if field.annotation is float:
        schema = mechanism.model_json_schema()["properties"][name]
        assert {"minimum", "maximum"} <= set(schema)


def test_a_mechanism_of_ones_own_needs_an_apply():
    class Idle(Mechanism):
        """Does nothing yet."""

        name = "idle"
        speed: float = parameter(1.0, low=0.0, unit="1/year", meaning="Speed.", source="none")

    with pytest.raises(ValidationError, match="greater than or equal to 0"):
        Idle(speed=-1.0)
    with pytest.raises(NotImplementedError):
        Idle().apply(None, None)
