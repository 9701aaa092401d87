import pytest
from pydantic import ValidationError

from clustersim.world.spec import (
    DEFAULT_FIELDS,
    ExchangeSpec,
    FieldSpec,
    FirmSizeSpec,
    FounderSpec,
    ParadigmSpec,
    RegionSpec,
    SectorSpec,
    Spec,
    WorldSpec,
)

SPECS = (
    FieldSpec,
    ParadigmSpec,
    SectorSpec,
    RegionSpec,
    FirmSizeSpec,
    FounderSpec,
    ExchangeSpec,
    WorldSpec,
)
REQUIRED = {
    FieldSpec: {"name": "f"},
    ParadigmSpec: {"weights": {"f": 1.0}},
    SectorSpec: {"name": "s"},
    RegionSpec: {"name": "r"},
}


@pytest.mark.parametrize("spec", SPECS)
def test_can_be_made_from_what_is_required_and_from_its_own_dump(spec):
    made = spec(**REQUIRED.get(spec, {}))
    assert isinstance(made, Spec)
    assert spec(**made.model_dump()) == made


@pytest.mark.parametrize("spec", SPECS)
def test_unknown_words_are_refused(spec):
    with pytest.raises(ValidationError, match="nonsense\n  Extra inputs are not permitted"):
        spec(**REQUIRED.get(spec, {}), nonsense=1)


@pytest.mark.parametrize("spec", SPECS)
def test_is_frozen(spec):
    made = spec(**REQUIRED.get(spec, {}))
    name = next(iter(type(made).model_fields))
    with pytest.raises(ValidationError, match="frozen"):
        setattr(made, name, getattr(made, name))


@pytest.mark.parametrize(
    ("spec", "wrong", "message"),
    [
        (FieldSpec, {"name": ""}, "at least 1 character"),
        (FieldSpec, {"name": "f", "tags": ("blue",)}, "'digital' or 'green'"),
        (ParadigmSpec, {"weights": {}}, "at least 1 item"),
        (ParadigmSpec, {"weights": {"f": 0.0}}, "greater than 0"),
        (ParadigmSpec, {"weights": {"f": 1.0}, "width": 0.0}, "greater than 0"),
        (SectorSpec, {"name": "s", "home_share": 1.0}, "less than 1"),
        (SectorSpec, {"name": "s", "home_share": 0.0}, "greater than 0"),
        (SectorSpec, {"name": "s", "demand_growth": float("nan")}, "finite number"),
        (SectorSpec, {"name": "s", "inputs": {"s": 1.5}}, "less than or equal to 1"),
        (RegionSpec, {"name": "r", "jobs": {"s": -1.0}}, "greater than or equal to 0"),
        (RegionSpec, {"name": "r", "jobs": {"s": float("inf")}}, "finite number"),
        (RegionSpec, {"name": "r", "universities": -1}, "greater than or equal to 0"),
        (RegionSpec, {"name": "r", "institutional_quality": 1.1}, "less than or equal to 1"),
        (RegionSpec, {"name": "r", "area_km2": 0.0}, "greater than 0"),
        (FirmSizeSpec, {"tail": 0.1}, "greater than 0.2"),
        (FounderSpec, {"unemployment": -0.1}, "greater than or equal to 0"),
        (ExchangeSpec, {"tacit_km": 0.0}, "greater than 0"),
        (WorldSpec, {"employment_scale": 0.5}, "greater than or equal to 1"),
        (WorldSpec, {"fields": (FieldSpec(name="one"),)}, "at least 2 items"),
        (WorldSpec, {"knowledge_precision": "half"}, "'single' or 'double'"),
    ],
)
def test_what_is_out_of_range_is_refused(spec, wrong, message):
    with pytest.raises(ValidationError, match=message):
        spec(**wrong)


def test_default_fields_are_all_different_and_hold_both_transitions():
    names = [field.name for field in DEFAULT_FIELDS]
    assert len(set(names)) == len(names) == 24
    for tag in ("digital", "green"):
        assert sum(tag in field.tags for field in DEFAULT_FIELDS) == 4


@pytest.mark.parametrize("spec", SPECS)
def test_every_number_that_is_not_obvious_is_described(spec):
    for name, field in spec.model_fields.items():
        if field.annotation in (float, int, bool):
            assert field.description, f"{spec.__name__}.{name} has no description"
