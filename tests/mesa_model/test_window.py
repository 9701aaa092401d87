"""Agents come and go with actors, and read and write their arrays."""

import gc
import subprocess
import sys
import weakref
from collections.abc import Callable
from typing import Any

import mesa
import numpy as np
import pytest

from clustersim.mesa_model import (
    RTO,
    Actor,
    Authority,
    ClusterModel,
    ClusterOrganisation,
    DepartedError,
    Firm,
    University,
)
from clustersim.simulation import Simulation
from clustersim.world.actors import COLUMNS, Kind
from clustersim.world.world import World

Make = Callable[..., Simulation]


@pytest.fixture
def model(simulation: Simulation) -> ClusterModel:
    return ClusterModel(simulation)


def nth(agents: Any, n: int) -> Any:
    return list(agents)[n]


def state(world: World) -> dict[str, Any]:
    rows = world.actors.rows()
    rows = rows[np.argsort(world.actors.id[rows])]
    arrays = {c.name: getattr(world.actors, c.name)[rows] for c in COLUMNS}
    arrays["knowledge"] = world.actors.knowledge[rows]
    for name, layer in world.ties:
        arrays |= {f"{name}.{c}": getattr(layer, c).copy() for c in ("trust", "km", "born")}
        arrays |= {f"{name}.{c}": world.actors.id[getattr(layer, c)] for c in ("first", "second")}
    for part in (world.sectors, world.regions, world.places):
        arrays |= {k: v.copy() for k, v in vars(part).items() if isinstance(v, np.ndarray)}
    return arrays


def assert_same(first: World, second: World) -> None:
    one, other = state(first), state(second)
    for name, values in one.items():
        assert values.tobytes() == other[name].tobytes(), name


class TestProjects:
    def test_their_members_are_agents(self, make: Make) -> None:
        simulation = make()
        chosen = [
            one.model_copy(update={"proposal_rate": 5.0}) if one.name == "projects" else one
            for one in simulation.mechanisms
        ]
        simulation = Simulation(simulation.world, chosen, seed=1)
        model = ClusterModel(simulation)
        assert model.projects == []
        simulation.run(6)
        table = simulation.tables()["projects"]
        running = table["outcome"] == "running"
        assert [one.identity for one in model.projects] == table["id"][running].tolist()
        assert [one.trl for one in model.projects] == table["trl"][running].tolist()
        assert all(model.agent(m.unique_id) is m for p in model.projects for m in p.members)
        project = model.projects[0]
        assert project.field_name in model.world.fields.names
        assert 2.0 <= project.length <= 4.0
        leader, second, *_ = project.members
        leader.remove()
        assert model.projects[0].members[0] is second
        science = next(m for p in model.projects for m in p.members if not isinstance(m, Firm))
        science.remove()
        assert not any(science in project.members for project in model.projects)


class TestStepping:
    def test_mesa_and_the_core_give_the_same_bits(self, make: Make) -> None:
        core, seen, unseen = make(), ClusterModel(make()), ClusterModel(make())
        for _ in range(40):
            core.step()
            seen.step()
            unseen.step()
            assert len(seen.agents) == seen.world.actors.rows().size
            seen.agents.shuffle_do(lambda agent: agent.size)
        assert_same(core.world, seen.world)
        assert_same(core.world, unseen.world)
        assert not unseen.made

    def test_it_counts_as_mesa_does(self, model: ClusterModel) -> None:
        assert (model.steps, model.time, model.quarter, model.year) == (0, 0.0, 0, 2000.0)
        for _ in range(6):
            model.step()
        assert (model.steps, model.time, model.quarter, model.year) == (6, 6.0, 6, 2001.5)
        model.simulation.step()
        assert (model.steps, model.quarter) == (6, 7)

    def test_run_model_ends_after_the_years(self, simulation: Simulation) -> None:
        simulation.step()
        model = ClusterModel(simulation, years=2.5)
        model.run_model()
        assert model.steps == 10
        assert not model.running

    def test_a_simulation_has_its_own_seed_and_mechanisms(self, simulation: Simulation) -> None:
        with pytest.raises(TypeError, match="give them to Simulation"):
            ClusterModel(simulation, seed=2)

    def test_mesas_luck_follows_the_seed(self, make: Make) -> None:
        models = [ClusterModel(make(seed)) for seed in (1, 1, 2)]
        orders = [[a.unique_id for a in m.agents.shuffle()] for m in models]
        assert orders[0] == orders[1] != orders[2]
        values = [(m.random.random(), m.rng.random()) for m in models]
        assert values[0] == values[1] != values[2]


class TestAgents:
    def test_every_actor_has_an_agent_of_its_kind(self, model: ClusterModel) -> None:
        actors = model.world.actors
        types = {
            Firm: Kind.FIRM,
            University: Kind.UNIVERSITY,
            RTO: Kind.RTO,
            ClusterOrganisation: Kind.CLUSTER_ORGANISATION,
            Authority: Kind.AUTHORITY,
        }
        assert set(model.agent_types) == set(types)
        for agent_type, kind in types.items():
            expected = set(actors.id[actors.rows(kind)].tolist())
            assert {agent.unique_id for agent in model.agents_by_type[agent_type]} == expected
            assert expected
        assert all(isinstance(agent, mesa.Agent) for agent in model.agents)

    def test_they_are_made_when_they_are_asked_for(self, model: ClusterModel) -> None:
        model.step()
        assert not model.made
        assert len(model.agents) > 0
        assert model.made

    def test_a_type_without_agents_has_an_empty_set(self, make: Make) -> None:
        model = ClusterModel(make())
        nth(model.agents_by_type[RTO], 0).remove()
        assert len(model.agents_by_type[RTO]) == 0

    def test_their_order_does_not_depend_on_when_they_are_made(self, make: Make) -> None:
        early, late = ClusterModel(make()), ClusterModel(make())
        assert len(early.agents)
        for _ in range(30):
            early.step()
            late.step()
        ids = [agent.unique_id for agent in early.agents]
        assert ids == [agent.unique_id for agent in late.agents]
        births = [agent.birth for agent in early.agents]
        assert births == sorted(births)
        assert births[-1] > 0

    def test_they_stay_the_same_objects_and_follow_entry_and_exit(
        self, model: ClusterModel
    ) -> None:
        first = {agent.unique_id: agent for agent in model.agents}
        first_set = model.agents
        for _ in range(40):
            model.step()
            # Through the set that is in hand, without asking for model.agents.
            ids = {agent.unique_id for agent in first_set}
            actors = model.world.actors
            assert ids == set(actors.id[actors.rows()].tolist())
        stayed = [agent for agent in model.agents if agent.unique_id in first]
        assert stayed
        assert all(first[agent.unique_id] is agent for agent in stayed)
        gone = [agent for identity, agent in first.items() if identity not in ids]
        assert gone
        assert not any(agent in model.agents or agent.present for agent in gone)
        assert len(ids - first.keys()) > 0
        by_type = [agent for agents in model.agents_by_type.values() for agent in agents]
        assert {agent.unique_id for agent in by_type} == ids

    def test_they_follow_a_core_that_is_stepped_directly(self, model: ClusterModel) -> None:
        assert len(model.agents)
        model.simulation.run(20)
        actors = model.world.actors
        assert {a.unique_id for a in model.agents} == set(actors.id[actors.rows()].tolist())

    def test_the_agent_of_an_actor_who_left_says_so(self, model: ClusterModel) -> None:
        agent = nth(model.agents_by_type[Firm], 0)
        row = agent.row
        model.world.dismiss_firms(np.array([row]))
        with pytest.raises(DepartedError, match=f"<Firm {agent.unique_id}> has left the sim"):
            _ = agent.size
        with pytest.raises(DepartedError):
            agent.size = 3.0
        # Somebody else in the same row is somebody else.
        world = model.world
        other = {"id": np.array([77]), "kind": np.array([Kind.FIRM]), "size": np.array([5.0])}
        other |= {name: np.array([0]) for name in ("region", "sector", "niche")}
        rows = world.actors.admit(other, np.zeros((1, world.n_fields)))
        assert rows.tolist() == [row]
        with pytest.raises(DepartedError):
            _ = agent.size
        assert model.agent(77).size == 5.0
        with pytest.raises(KeyError, match="no living actor has the identity"):
            model.agent(agent.unique_id)

    def test_an_actor_may_move_to_another_row(self, model: ClusterModel) -> None:
        agent = nth(model.agents_by_type[Firm], 3)
        actors = model.world.actors
        old, size = agent.row, agent.size
        table = {c.name: getattr(actors, c.name)[[old]].copy() for c in COLUMNS}
        table.pop("alive")
        knowledge = actors.knowledge[[old]].copy()
        gone = nth(model.agents_by_type[Firm], 7).row
        actors.dismiss(np.array([old, gone]))
        actors.admit({**table, "id": np.array([5])}, knowledge)
        new = actors.admit(table, knowledge)
        assert new[0] != old or gone < old
        assert agent.row == new[0]
        assert agent.size == size

    def test_nobody_else_makes_them(self, model: ClusterModel) -> None:
        identity = nth(model.agents_by_type[Firm], 0).unique_id
        for wrong in (identity, 12345):
            with pytest.raises(ValueError, match="agents are made by the model"):
                Firm(model, wrong)

    def test_agents_of_ones_own_live_beside_them(self, model: ClusterModel) -> None:
        class Bank(mesa.Agent):
            pass

        banks = [Bank(model), Bank(model)]
        model.step()
        assert [bank.unique_id for bank in banks] == [1, 2]
        assert set(model.agents_by_type[Bank]) == set(banks)
        assert banks[0] in model.agents
        banks[0].remove()
        assert banks[0] not in model.agents

    def test_agents_cannot_be_replaced(self, model: ClusterModel) -> None:
        with pytest.raises(AttributeError, match=r"model\.agents is Mesa's"):
            model.agents = []

    def test_removing_a_firm_closes_it(self, model: ClusterModel) -> None:
        firm = max(model.agents_by_type[Firm], key=lambda agent: agent.size)
        size, place = firm.size, (firm.region, firm.sector)
        idle = model.world.places.unemployed[place]
        count = len(model.agents)
        firm.remove()
        assert model.world.places.unemployed[place] == pytest.approx(idle + size)
        assert firm not in model.agents
        assert len(model.agents) == count - 1
        firm.remove()
        model.step()

    def test_removing_everybody_leaves_nobody(self, model: ClusterModel) -> None:
        model.remove_all_agents()
        assert len(model.agents) == 0
        assert model.world.actors.rows().size == 0
        assert all(len(layer) == 0 for _, layer in model.world.ties)

    def test_neighbours_are_the_partners_in_a_layer(self, model: ClusterModel) -> None:
        for _ in range(8):
            model.step()
        graph = model.graph
        office = nth(model.agents_by_type[ClusterOrganisation], 0)
        assert {a.unique_id for a in office.neighbours("membership")} == {
            member for member, _, key in graph.in_edges(office.unique_id, keys=True)
        }
        for agent in model.agents_by_type[Firm]:
            tied = [v for _, v, key in graph.out_edges(agent.unique_id, keys=True) if key[0] == "c"]
            assert [a.unique_id for a in agent.neighbours()] == sorted(tied)
        with pytest.raises(ValueError, match="there is no layer 'friends'"):
            office.neighbours("friends")


class TestAttributes:
    @pytest.mark.parametrize("column", COLUMNS, ids=lambda column: column.name)
    def test_they_read_the_arrays(self, model: ClusterModel, column: Any) -> None:
        for _ in range(3):
            model.step()
        for agent in model.agents:
            array = getattr(model.world.actors, column.name)
            value = getattr(agent, column.name)
            assert value == array[agent.row]
            assert type(value) in (bool, int, float)
        assert getattr(Actor, column.name).__doc__.startswith(column.meaning)

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("size", 12.5),
            ("orders", 3),
            ("cash", -1e6),
            ("research", 0.2),
            ("log_productivity", -0.5),
            ("digital", True),
            ("niche", 5),
            ("sector", 1),
            ("x", np.float64(7.0)),
            ("parent", 42),
        ],
    )
    def test_they_write_the_arrays(self, model: ClusterModel, name: str, value: Any) -> None:
        agent = nth(model.agents_by_type[Firm], 2)
        others = np.arange(model.world.actors.n_rows) != agent.row
        before = getattr(model.world.actors, name).copy()
        setattr(agent, name, value)
        array = getattr(model.world.actors, name)
        assert array[agent.row] == value
        assert np.array_equal(array[others], before[others])

    @pytest.mark.parametrize(
        ("name", "value", "message"),
        [
            ("size", -1, "size of <Firm .*> can't be -1; expected a number of 0 or more"),
            ("size", float("nan"), "can't be nan"),
            ("size", "12", "can't be '12'; expected a number"),
            ("research", 2, "expected a number from 0 to 1"),
            ("digital", 1, "expected True or False"),
            ("region", 2, "can't be 2; expected a whole number from 0 to 1"),
            ("sector", -1, "can't be -1; expected a whole number from 0 to 1"),
            ("niche", 24, "from 0 to 23"),
            ("knowledge", [1.0], "can't be 1 numbers; expected 24"),
            ("knowledge", 1.0, "knowledge of <Firm"),
            ("knowledge", [float("inf")] * 24, "can't be inf"),
        ],
    )
    def test_what_kernels_could_not_work_with_is_refused(
        self, model: ClusterModel, name: str, value: Any, message: str
    ) -> None:
        agent = nth(model.agents_by_type[Firm], 2)
        before = state(model.world)
        with pytest.raises(ValueError, match=message):
            setattr(agent, name, value)
        assert all(
            a.tobytes() == b.tobytes()
            for a, b in zip(before.values(), state(model.world).values(), strict=True)
        )

    def test_an_office_does_no_research_and_has_no_niche(self, model: ClusterModel) -> None:
        office = nth(model.agents_by_type[Authority], 0)
        with pytest.raises(ValueError, match="an authority does no research"):
            office.research = 0.1
        with pytest.raises(ValueError, match="niche of"):
            office.niche = 0

    @pytest.mark.parametrize("name", ["id", "kind", "alive"])
    def test_who_it_is_cannot_be_written(self, model: ClusterModel, name: str) -> None:
        with pytest.raises(AttributeError, match="it says who the actor is"):
            setattr(nth(model.agents, 0), name, 0)

    def test_knowledge_is_read_as_a_copy_and_written_whole(self, model: ClusterModel) -> None:
        agent = nth(model.agents_by_type[Firm], 0)
        known = agent.knowledge
        assert np.array_equal(known, model.world.actors.knowledge[agent.row])
        with pytest.raises(ValueError, match="read-only"):
            known[0] = 1.0
        levels = known.copy()
        levels[3] = 0.75
        before = known.tolist()
        agent.knowledge = levels
        assert model.world.actors.knowledge[agent.row, 3] == 0.75 != before[3]
        assert known.tolist() == before

    def test_names_and_age(self, model: ClusterModel) -> None:
        model.step()
        for agent in model.agents:
            assert agent.age == (1 - agent.birth) / 4
            if agent.region >= 0:
                assert agent.region_name == model.world.regions.names[agent.region]
            else:
                assert agent.region_name is None
            assert (agent.sector_name is None) == (agent.sector < 0)

    def test_other_attributes_may_be_added(self, model: ClusterModel) -> None:
        model.agents.set("mood", "good")
        model.step()
        survivor = nth(model.agents, 0)
        assert survivor.mood == "good"


class TestMemory:
    def test_models_are_freed(self, make: Make) -> None:
        class Bank(mesa.Agent):
            pass

        references = []
        for seed in range(8):
            model = ClusterModel(make(seed))
            Bank(model)
            assert len(model.agents)
            model.step()
            references += [
                weakref.ref(model),
                weakref.ref(model.world),
                weakref.ref(nth(model.agents, 0)),
            ]
        del model
        gc.collect()
        assert not any(reference() for reference in references)

    @pytest.mark.slow
    def test_two_hundred_models_need_no_more_memory_than_fifty(self, make: Make) -> None:
        import tracemalloc

        def run(n: int) -> int:
            for seed in range(n):
                model = ClusterModel(make(seed))
                assert len(model.agents)
                model.step()
            del model
            gc.collect()
            return tracemalloc.get_traced_memory()[0]

        run(2)
        tracemalloc.start()
        try:
            after_50 = run(50)
            assert run(200) - after_50 < 200_000
        finally:
            tracemalloc.stop()


def run_python(code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code], check=False, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


class TestImport:
    @pytest.mark.parametrize("before", [None, "fork", "forkserver"])
    def test_the_start_method_of_multiprocessing_stays(self, before: str | None) -> None:
        choose = "" if before is None else f"multiprocessing.set_start_method({before!r}); "
        code = (
            f"import multiprocessing; {choose}import clustersim.mesa_model; "
            "print(multiprocessing.get_start_method(allow_none=True))"
        )
        assert run_python(code) == str(before)

    def test_nothing_else_imports_mesa(self) -> None:
        code = (
            "import sys, clustersim.schedule, clustersim.simulation, clustersim.world.graph; "
            "print('mesa' in sys.modules)"
        )
        assert run_python(code) == "False"
