import hashlib
import os
import subprocess
import sys
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from clustersim.mechanisms.base import Mechanism
from clustersim.mechanisms.market import Market
from clustersim.schedule import SCHEDULE, mechanisms
from clustersim.simulation import Simulation
from clustersim.world.actors import COLUMNS, Kind
from tests.worlds import living_world

CHECKOUT = Path(__file__).resolve().parents[1]
FLOATS = [column.name for column in COLUMNS if column.dtype is np.float64]


def simulated(quarters, seed=5, parameters=None, founded=20, **changes):
    simulation = Simulation(living_world(founded, **changes), mechanisms(parameters), seed=seed)
    simulation.run(quarters)
    return simulation


def fingerprint(simulation):
    """Hash of all tables of a run."""
    digest = hashlib.sha256()
    for name, table in simulation.tables().items():
        for column, values in table.items():
            digest.update(f"{name}.{column}".encode())
            digest.update(np.ascontiguousarray(values).tobytes())
    return digest.hexdigest()


# The run.


class Probe(Mechanism):
    """Writes down when it is applied."""

    name: ClassVar[str] = "probe"
    label: str = "a"
    calls: ClassVar[list[tuple[str, int, int]]] = []

    def apply(self, world, draws):
        """Remember label, step of the clock and step of luck."""
        self.calls.append((self.label, world.clock.step, draws.step))


def test_mechanisms_are_applied_in_order_with_the_luck_of_the_step():
    Probe.calls.clear()
    probes = [Probe(label="b"), Probe(label="off", enabled=False), Probe(label="a")]
    simulation = Simulation(living_world(), probes, seed=1)
    simulation.run(2)
    assert Probe.calls == [("b", 0, 0), ("a", 0, 0), ("b", 1, 1), ("a", 1, 1)]
    assert simulation.world.clock.step == 2


@pytest.mark.parametrize(
    ("every", "quarters", "recorded"),
    [(4, 9, [0, 4, 8, 9]), (1, 3, [0, 1, 2, 3]), (7, 6, [0, 6]), (3, 0, [0])],
)
def test_records_are_made_every_so_often_and_at_the_end(every, quarters, recorded):
    simulation = Simulation(living_world(), (), seed=1, record_every=every)
    simulation.run(quarters)
    tables = simulation.tables()
    assert tables["economy"]["quarter"].tolist() == recorded
    assert tables["clusters"]["quarter"].tolist() == np.repeat(recorded, 6).tolist()


def test_each_quarter_is_told():
    told = []
    Simulation(living_world(), (), seed=1).run(3, on_quarter=told.append)
    assert told == [1, 2, 3]


@pytest.mark.parametrize(
    ("wrong", "message"),
    [({"seed": -1}, "seed must be"), ({"seed": 1, "record_every": 0}, "record_every must be")],
)
def test_what_makes_no_sense_is_refused(wrong, message):
    with pytest.raises(ValueError, match=message):
        Simulation(living_world(), (), **wrong)


def test_without_mechanisms_nothing_happens_but_time():
    world = living_world()
    before = {name: getattr(world.actors, name).copy() for name in (*FLOATS, "knowledge")}
    Simulation(world, (), seed=1).run(4)
    for name, values in before.items():
        assert np.array_equal(values, getattr(world.actors, name)), name
    assert world.clock.year == 2001.0


@pytest.mark.parametrize("name", [mechanism.name for mechanism in SCHEDULE])
def test_a_mechanism_that_is_off_is_as_good_as_absent(name):
    off = simulated(6, parameters={name: {"enabled": False}})
    absent = Simulation(living_world(), [m for m in mechanisms() if m.name != name], seed=5)
    absent.run(6)
    assert fingerprint(off) == fingerprint(absent)
    # Shocks and policies are none, and multinationals are rare; the others make a difference.
    if name not in {"shocks", "policy"}:
        often = {"relocation": {"arrival_rate": 5.0}} if name == "relocation" else {}
        assert fingerprint(off) != fingerprint(simulated(6, parameters=often))


# Luck.

SIMD = np.show_config(mode="dicts")["SIMD Extensions"]


def test_the_same_seed_gives_the_same_run_bit_by_bit():
    assert fingerprint(simulated(20)) == fingerprint(simulated(20))


def test_another_seed_gives_another_run():
    assert fingerprint(simulated(8, seed=5)) != fingerprint(simulated(8, seed=6))


def test_two_halves_make_a_whole():
    halves = simulated(8)
    halves.run(8)
    assert fingerprint(halves) == fingerprint(simulated(16))


@pytest.mark.parametrize(
    "other",
    [
        {"PYTHONHASHSEED": "1"},
        {"PYTHONHASHSEED": "2"},
        # The linear algebra of an older processor sums in another order.
        {"OPENBLAS_CORETYPE": "Nehalem"},
        # NumPy and the C library have exponentials and sums for each generation of processors.
        {"NPY_DISABLE_CPU_FEATURES": " ".join(SIMD.get("found", []))},
        {"GLIBC_TUNABLES": "glibc.cpu.hwcaps=-AVX2,-FMA,-AVX2_Usable,-FMA_Usable"},
    ],
)
def test_a_run_does_not_depend_on_the_process_or_the_processor(other):
    script = "from tests.test_simulation import *; print(fingerprint(simulated(20)))"
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=CHECKOUT,
        env={**os.environ, **other},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == fingerprint(simulated(20))


# What always holds.


def people(world):
    return world.jobs().sum() + world.places.unemployed.sum()


def check(world):
    """Assert what must hold at the end of every quarter."""
    actors = world.actors
    rows, firms = actors.rows(), actors.rows(Kind.FIRM)
    for name in FLOATS:
        assert np.isfinite(getattr(actors, name)[rows]).all(), name
    assert (actors.size[firms] >= 0.0).all()
    assert (actors.orders[firms] >= 0.0).all()
    for name, n in (
        ("region", world.n_regions), ("sector", world.n_sectors), ("niche", world.n_fields)
    ):  # fmt: skip
        values = getattr(actors, name)[firms]
        assert ((values >= 0) & (values < n)).all(), name
    assert (actors.knowledge >= 0.0).all()
    assert (actors.knowledge <= 1.0 + 1e-6).all()
    assert ((actors.research[rows] >= 0.0) & (actors.research[rows] <= 1.0)).all()
    assert np.unique(actors.id[rows]).size == rows.size
    assert (actors.birth[rows] <= world.clock.step).all()
    for name, layer in world.ties:
        assert actors.alive[layer.first].all(), name
        assert actors.alive[layer.second].all(), name
        assert (layer.first != layer.second).all(), name
        assert ((layer.trust >= 0.0) & (layer.trust <= 1.0)).all(), name
        assert np.isfinite(layer.km).all(), name
        pairs = np.stack([layer.first, layer.second])
        assert np.unique(pairs, axis=1).shape == pairs.shape, name
    for part in (world.places, world.regions, world.sectors, world.flows, world.conditions):
        for name, values in vars(part).items():
            if isinstance(values, np.ndarray) and name not in {"paradigm_year", "world_standing"}:
                assert np.isfinite(values).all(), name
    assert (world.places.unemployed >= -1e-9).all()
    assert world.sectors.relevance.sum(axis=1) == pytest.approx(np.ones(world.n_sectors))


def test_fifty_years_of_a_small_world_stay_sound():
    world = living_world()
    simulation = Simulation(world, mechanisms(), seed=3)
    before = people(world)
    for _ in range(200):
        simulation.step()
        check(world)
        assert people(world) == pytest.approx(before, rel=1e-9)
    clusters = simulation.tables()["clusters"]
    assert clusters["quarter"].size == 51 * 6
    # Firms that there are now are those that there were, and who entered, less who left.
    per_record = clusters["firms"].reshape(51, 6).sum(axis=1)
    change = (clusters["entries"] - clusters["exits"]).reshape(51, 6).sum(axis=1)
    assert np.diff(per_record) == pytest.approx(change[1:])
    assert clusters["entries"].sum() > 0
    assert clusters["exits"].sum() > 0


def bounded(mechanism):
    """A strategy of parameters of a mechanism, anywhere within their bounds."""
    properties = mechanism.model_json_schema()["properties"]
    choices = {
        name: st.floats(schema["minimum"], schema["maximum"])
        if schema.get("type") == "number"
        else st.booleans()
        for name, schema in properties.items()
        if schema.get("type") in {"number", "boolean"}
    }
    return st.fixed_dictionaries({}, optional=choices)


ANY = st.fixed_dictionaries({mechanism.name: bounded(mechanism) for mechanism in SCHEDULE})


@settings(max_examples=40)
@given(ANY, st.integers(0, 2**63 - 1))
def test_worlds_stay_sound_whatever_the_parameters(parameters, seed):
    # The one bound that joins parameters, which `Market` refuses with a message of its own.
    assume(Market.model_construct(**parameters["market"]).spread < 1.0)
    world = living_world(seed)
    before = people(world)
    simulation = Simulation(world, mechanisms(parameters), seed=seed)
    for _ in range(6):
        simulation.step()
        check(world)
        assert people(world) == pytest.approx(before, rel=1e-9)
