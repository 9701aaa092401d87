"""What a mechanism declares to read and to write is what it reads and writes."""

from collections.abc import Iterator

import numpy as np
import pytest

from clustersim.mechanisms.shocks import (
    AnchorExit,
    CreditCrunch,
    DemandShock,
    EnergyPrice,
    Pandemic,
    SupplyOutage,
    TalentLoss,
    Technology,
)
from clustersim.schedule import SCHEDULE, mechanisms
from clustersim.simulation import Simulation
from clustersim.world.actors import COLUMNS
from clustersim.world.draws import Draws
from clustersim.world.founding import found
from clustersim.world.levers import LEVERS
from clustersim.world.paradigms import relevance
from clustersim.world.policy import Policy
from clustersim.world.spec import ParadigmSpec, RegionSpec, SectorSpec, WorldSpec

START = 2000
QUARTERS = 12
SEED = 11
NAMES = [mechanism.name for mechanism in SCHEDULE]
ACTOR_LEVERS = {f"levers.{lever.name}" for lever in LEVERS if lever.of == "actor"}
TIE_COLUMNS = ("first", "second", "trust", "km", "born")
GROUPS = ("places", "regions", "sectors", "flows", "fields", "conditions", "projects")


POLICY = Policy.model_validate(
    {
        "name": "try",
        "year": START + 1,
        "budget": 3e6,
        "identification": {"quotient": 1.0, "every": 0.25, "local_inputs": 0.01},
        "governance": {"join_rate": 4.0, "leave_rate": 4.0, "cycle": 0.25},
        "measures": [
            {"action": action, "choice": choice, "length": 0.5}
            for action, choice in (
                ("firm_networks", "lottery"),
                ("rd_grant", "newest"),
                ("joint_financing", "connected"),
                ("infrastructure", "lottery"),
                ("strategic_study", "lottery"),
                ("cluster_partnerships", "lottery"),
                ("carbon_price", "lottery"),
                ("digital_mandate", "lottery"),
            )
        ],
    }
)


def schedule():
    """Return mechanisms of which each has something to do in the quarter after the first ones."""
    events = (
        DemandShock(kind="demand", year=START + 1, depth=0.3),
        AnchorExit(kind="anchor_exit", year=START + QUARTERS / 4, region="north", sector="metal"),
        SupplyOutage(kind="supply_outage", year=START + 2, region="south", depth=0.4),
        Pandemic(kind="pandemic", year=START + 2.5, travel=0.8, skill=0.1),
        Pandemic(
            kind="pandemic",
            year=START + QUARTERS / 4,
            hardest=("north",),
            leave=0.1,
            severity={"metal": 2.0},
        ),
        EnergyPrice(kind="energy_price", year=START + 2, factor=2.0, lasting=0.5),
        Technology(kind="technology", year=START + 1, sector="trade", weights={"software": 1}),
        Technology(
            kind="technology",
            year=START + QUARTERS / 4,
            sector="metal",
            weights={"materials": 1, "biotechnology": 1},
        ),
        TalentLoss(kind="talent_loss", year=START + QUARTERS / 4, region="north", depth=0.3),
        CreditCrunch(kind="credit_crunch", year=START + 2, depth=0.5),
    )
    return mechanisms(
        {
            "shocks": {"events": events},
            "entry": {"start_up_rate": 0.3, "spin_off_rate": 0.5, "university_rate": 4.0},
            "innovation": {"rate": 8.0, "exploration": 0.8},
            "adoption": {"digital_innovation": 0.2, "green_innovation": 0.2},
            "relocation": {
                "move_rate": 5.0,
                "moving_cost": 0.0,
                "arrival_rate": 5.0,
                "smallest": 5.0,
                "large": 5.0,
                "join_rate": 5.0,
            },
            "projects": {"proposal_rate": 2.0, "shortest": 0.5, "longest": 1.0},
            "policy": {"policies": (POLICY,)},
        }
    )


def world_in_motion(quarters=QUARTERS):
    """Return a world after some quarters; two calls return the same to the last bit."""
    weights = {"mechanical engineering": 3.0, "materials": 2.0, "software": 1.0}
    later = ParadigmSpec(
        year=START + 3, width=1.0, weights={"software": 2.0, "optics and sensors": 1.0}
    )
    sectors = (
        SectorSpec(
            name="metal",
            demand_growth=0.03,
            inputs={"trade": 0.2, "metal": 0.1},
            paradigms=(ParadigmSpec(weights=weights), later),
        ),
        SectorSpec(name="trade", export_share=0.1, inputs={"metal": 0.3}),
    )
    regions = (
        RegionSpec(
            name="north",
            jobs={"metal": 700.0, "trade": 400.0},
            area_km2=2000.0,
            rtos=1,
            cluster_organisations={"metal": 1},
        ),
        RegionSpec(
            name="south",
            jobs={"metal": 300.0, "trade": 600.0},
            area_km2=4000.0,
            institutional_quality=0.3,
            cost_level=0.8,
            cluster_organisations={"trade": 1},
        ),
        RegionSpec(name="west", jobs={"metal": 200.0, "trade": 200.0}, population=9000.0),
    )
    world = found(WorldSpec(start_year=START, sectors=sectors, regions=regions), SEED)
    simulation = Simulation(world, schedule(), seed=SEED)
    simulation.run(quarters)
    world.sectors.relevance[:] = relevance(world.sectors, world.clock.year)  # as after `frontier`
    use_levers(world)
    return world


def use_levers(world):
    """Set every lever for everybody, differently, within its bounds."""
    rng = np.random.default_rng(7)
    for lever in LEVERS:
        values = world.levers.use(lever.name)
        values[:] = rng.uniform(max(lever.low, -0.2), min(lever.high, 2.0), values.shape)


def arrays(world) -> Iterator[tuple[str, np.ndarray]]:
    """Yield every array of a world under its dotted name; a tie's columns as ``ties.<layer>``."""
    for column in COLUMNS:
        yield f"actors.{column.name}", getattr(world.actors, column.name)
    yield "actors.knowledge", world.actors.knowledge
    for layer_name, layer in world.ties:
        for column in TIE_COLUMNS:
            yield f"ties.{layer_name}", getattr(layer, column)
    for group in GROUPS:
        for name, value in vars(getattr(world, group)).items():
            if isinstance(value, np.ndarray):
                yield f"{group}.{name}", value
    for lever in LEVERS:
        yield f"levers.{lever.name}", world.levers.use(lever.name)
    for values in world.public.ledger.table().values():
        yield "public.ledger", values
    for one in world.public.standing.values():
        for name in ("chosen", "account", "office", "built", "working", "plan", "given", "used"):
            yield "public.standing", getattr(one, name)
    yield "public.meetings", world.public.meetings


def is_named(name, declared):
    """Return whether an array is declared, by its own name or with its whole table."""
    return name in declared or name.partition(".")[0] in declared


def is_open(name, writes):
    """Return whether an array may change; levers follow the rows of the table of actors."""
    return is_named(name, writes) or (name in ACTOR_LEVERS and "actors" in writes)


def unlike(old, new):
    """Return where an array has changed; it may have grown."""
    changed = np.ones(new.shape, dtype=bool)
    kept = slice(old.shape[0])
    changed[kept] = new[kept] != old
    return changed


def snapshot(world):
    return [(name, array.copy()) for name, array in arrays(world)]


def scalars(world):
    return world.clock.step, world.clock.start_year, world.employment_scale, world.exchange


def same(one, other):
    return (
        one.shape == other.shape and one.dtype == other.dtype and one.tobytes() == other.tobytes()
    )


def apply(world, name):
    mechanism = next(m for m in schedule() if m.name == name)
    draws = Draws(SEED)
    draws.step = world.clock.step
    mechanism.apply(world, draws)


def scramble(world, chosen):
    """Fill the chosen arrays with other values of the same type and range."""
    rng = np.random.default_rng(5)
    scrambled = set()
    for name, array in arrays(world):
        if not chosen(name) or array.size == 0:
            continue
        if array.dtype == np.bool_:
            array[:] = ~array
        elif array.dtype.kind == "i":
            array[:] = rng.integers(array.min(), array.max(), array.shape, endpoint=True)
        else:
            array[:] = rng.uniform(0.1, 2.0, array.shape)
        scrambled.add(name)
    for _, layer in world.ties:
        layer._adjacency = None
    return scrambled


def test_worlds_in_motion_are_alike_to_the_last_bit():
    for (name, one), (_, other) in zip(
        snapshot(world_in_motion()), snapshot(world_in_motion()), strict=True
    ):
        assert same(one, other), name


@pytest.mark.parametrize("mechanism", SCHEDULE, ids=NAMES)
def test_names_only_arrays_that_exist(mechanism):
    known = {name for name, _ in arrays(world_in_motion(0))}
    known |= {name.partition(".")[0] for name in known}
    assert set(mechanism.reads) | set(mechanism.writes) <= known


@pytest.mark.parametrize("mechanism", SCHEDULE, ids=NAMES)
def test_changes_nothing_that_it_does_not_declare(mechanism):
    world = world_in_motion()
    before, others = snapshot(world), scalars(world)
    apply(world, mechanism.name)
    changed = {
        name
        for (name, old), (_, new) in zip(before, arrays(world), strict=True)
        if not same(old, new)
    }
    assert changed, "the mechanism had nothing to do, which tests nothing"
    assert {name for name in changed if not is_open(name, mechanism.writes)} == set()
    assert scalars(world) == others


@pytest.mark.parametrize("mechanism", SCHEDULE, ids=NAMES)
def test_reads_nothing_that_it_does_not_declare(mechanism):
    """Garbage in what is not declared to be read neither matters nor is touched.

    Arrays that are written but not read are garbage too; there, all that is written must come out
    the same as without the garbage, and what is not written must stay as it was.
    """
    plain, garbled = world_in_motion(), world_in_motion()
    scrambled = scramble(garbled, lambda name: not is_named(name, mechanism.reads))
    assert scrambled
    before = snapshot(garbled)
    apply(plain, mechanism.name)
    apply(garbled, mechanism.name)
    for (name, old), (_, clean), (_, new) in zip(
        before, arrays(plain), arrays(garbled), strict=True
    ):
        if name not in scrambled:
            assert same(clean, new), f"{name} depends on something that is not declared"
        elif not is_open(name, mechanism.writes):
            assert same(old, new), f"{name} is written but not declared"
        else:
            written = unlike(old, new)
            assert same(clean[written], new[written]), f"{name} is read but not declared"


def test_scrambling_is_noticed_where_it_should_be():
    """The check is not vacuous: learning does depend on what it declares."""
    plain, garbled = world_in_motion(), world_in_motion()
    assert scramble(garbled, lambda name: name == "actors.research") == {"actors.research"}
    apply(plain, "learning")
    apply(garbled, "learning")
    assert not same(plain.actors.knowledge, garbled.actors.knowledge)


def test_levers_act_on_the_mechanisms_that_read_them():
    for lever in LEVERS:
        readers = [one.name for one in SCHEDULE if f"levers.{lever.name}" in one.reads]
        assert sorted(lever.mechanisms) == sorted(readers), lever.name


def test_only_policy_sets_levers():
    setters = [one.name for one in SCHEDULE for name in one.writes if name.startswith("levers")]
    assert setters == ["policy"]
