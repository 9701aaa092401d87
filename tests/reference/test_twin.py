"""The engine and its slow twin agree: same world, same luck, same mechanisms, two programs."""

import re
from unittest.mock import Mock

import numpy as np
import pytest

from clustersim.mechanisms.base import Mechanism
from clustersim.schedule import SCHEDULE
from clustersim.world.actors import Kind, Origin
from clustersim.world.first_ties import tie
from tests.reference.compare import DisagreementError, differences, run_together
from tests.reference.partner import RTOAgent, UniversityAgent
from tests.reference.small_world import ANCHOR_QUARTER, SHOCKS, small_schedule, small_world
from tests.reference.twin import AGENTS, RULES, TwinModel

SEEDS = (1, 2, 3)


class Chronicle:
    """What has happened in a run, so that agreement about nothing does not pass for agreement."""

    def __init__(self, model):
        self.founded = {firm.identity for firm in model.firms}
        self.first_multinationals = {firm.identity for firm in model.firms if firm.multinational}
        self.first_ties = self.pairs(model)
        self.seen = set()
        self.largest_before = self.largest_engine_maker(model)
        self.moves = self.moved(model)
        self.start_relevance = [list(sector.relevance) for sector in model.sectors]
        self.crews = {}

    @staticmethod
    def pairs(model):
        return {
            frozenset((tie.first.identity, tie.second.identity))
            for tie in model.ties["collaboration"]
        }

    @staticmethod
    def moved(model):
        ties = model.ties["mobility"]
        return {(tie.first.identity, tie.second.identity): tie.born for tie in ties}

    @staticmethod
    def largest_engine_maker(model):
        here = [f for f in model.firms if f.region == 0 and f.sector == 0]
        return max(here, key=lambda firm: firm.size).identity

    def note(self, model):
        firms = {firm.identity: firm for firm in model.firms}
        spun = [(firm, firms[firm.parent]) for firm in firms.values() if firm.parent in firms]
        lacking = [f for f in firms.values() if f.output < 1.0]
        supplied = {tie.second for tie in model.ties["supply"]}
        anchor_time = model.quarter == ANCHOR_QUARTER + 1
        ties, places = self.pairs(model), model.places.values()
        moves, ids = self.moved(model), {agent.identity for agent in model.agents}
        forgotten = self.moves.keys() - moves.keys()
        kept = self.moves.keys() & moves.keys()
        seen = {
            "spin-off in another region": any(child.region != p.region for child, p in spun),
            "spin-off in another sector": any(child.sector != p.sector for child, p in spun),
            "digital adoption": any(firm.digital for firm in firms.values()),
            "green adoption": any(firm.green for firm in firms.values()),
            "exit of founders": self.founded - firms.keys(),
            "demand shock": any(sector.demand_factor < 1.0 for sector in model.sectors),
            "anchor exit": anchor_time and self.largest_before not in firms,
            "new tie": ties - self.first_ties,
            "tie ended": self.first_ties - ties,
            "people moved": moves.keys() - self.moves.keys(),
            "people moved again": any(moves[pair] > self.moves[pair] for pair in kept),
            "move forgotten": any(a in ids and b in ids for a, b in forgotten),
            "move forgotten with a firm": any(a not in ids or b not in ids for a, b in forgotten),
            "innovation": any(place.innovations for place in places),
            "relocation": any(place.relocations for place in places),
            "joined a multinational": any(
                f.multinational
                and f.origin != Origin.SUBSIDIARY
                and f.identity not in self.first_multinationals
                for f in firms.values()
            ),
            "without supplier": any(f not in supplied for f in lacking),
            "supplier short itself": any(f in supplied for f in lacking),
            "new supplier": any(tie.born > 0 for tie in model.ties["supply"]),
            "supply advantage": any(place.supply_advantage for place in places),
        }
        seen |= self.of_projects(model, {agent.identity for agent in model.agents})
        for sector, start in zip(model.sectors, self.start_relevance, strict=True):
            change = max(abs(a - b) for a, b in zip(sector.relevance, start, strict=True))
            seen[f"paradigm shift in {sector.name}"] = change > 0.2
        self.seen |= {event for event, happened in seen.items() if happened}
        self.seen |= {f"born as {Origin(firm.origin).name}" for firm in firms.values()}
        self.largest_before = self.largest_engine_maker(model)
        self.moves = moves

    def of_projects(self, model, present):
        """What has happened to projects; the crews of those that run are noted."""
        seen = {f"project {project.outcome}": True for project in model.projects}
        for project in (one for one in model.projects if one.runs):
            crew = [member.identity for member in project.members]
            before = self.crews.setdefault(project.identity, crew)
            seen["member of a project leaves"] = seen.get("member of a project leaves") or (
                not present >= set(before[1:])
            )
            if crew:
                seen["coordinator leaves"] = (
                    seen.get("coordinator leaves") or before[0] not in present
                )
                seen[f"led by {project.members[0].kind.name}"] = True
        return seen


EVENTS = {
    "born as FOUNDED",
    "born as START_UP",
    "born as SPIN_OFF",
    "born as UNIVERSITY_SPIN_OFF",
    "born as SUBSIDIARY",
    "relocation",
    "joined a multinational",
    "spin-off in another region",
    "spin-off in another sector",
    "digital adoption",
    "green adoption",
    "exit of founders",
    "demand shock",
    "anchor exit",
    "new tie",
    "tie ended",
    "people moved",
    "people moved again",
    "move forgotten",
    "move forgotten with a firm",
    "innovation",
    "without supplier",
    "supplier short itself",
    "new supplier",
    "project RUNNING",
    "project SUCCEEDED",
    "project FAILED",
    "led by FIRM",
    "led by UNIVERSITY",
    "led by RTO",
    "member of a project leaves",
    "coordinator leaves",
    "supply advantage",
    "paradigm shift in engines",
    "paradigm shift in tools",
}


@pytest.mark.parametrize("seed", SEEDS)
def test_agree_for_forty_quarters_in_which_everything_happens(seed):
    world, schedule = small_world(seed), small_schedule()
    chronicle = Chronicle(TwinModel.from_world(world, schedule, seed))
    run_together(world, schedule, seed, 44, on_quarter=chronicle.note)
    assert chronicle.seen == EVENTS


def test_agree_when_talent_is_lost():
    world = small_world(3)

    def lose_talent(model):
        for place, key in ((1, 1), (0, 0)):
            if model.quarter % 10 == 1 + place:
                world.places.skill[place, key] *= 0.4
                model.places[place, key].skill *= 0.4

    model = run_together(world, small_schedule(), 3, 24, each_rule=True, on_quarter=lose_talent)
    assert 0.4 < model.places[0, 0].skill < 0.9
    assert model.places[2, 0].skill == 1.0


def test_agree_after_every_single_mechanism():
    run_together(small_world(4), small_schedule(), 4, 12, each_rule=True)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [5, 6])
def test_agree_for_thirty_years(seed):
    run_together(small_world(seed), small_schedule(), seed, 120)


@pytest.mark.parametrize("name", [mechanism.name for mechanism in SCHEDULE])
def test_agree_without_a_mechanism(name):
    schedule = small_schedule(**{name: {"enabled": False}})
    run_together(small_world(7), schedule, 7, 14)


@pytest.mark.parametrize(
    "changes",
    [
        {"market": {"externalities": False}},
        {"market": {"lost_orders": 1.0}},
        {"supply": {"key_suppliers": False}},
        {"supply": {"dependence": 1.0, "inventory": 0.0, "search": 2.0, "contract": 0.5}},
        {"supply": {"inventory": 3.0, "substitution": 3.0, "local": 1.0}},
        {"supply": {"offers": 3.0, "contract": 1.0}},
        {"entry": {"start_ups": False}},
        {"entry": {"spin_offs": False}},
        {"entry": {"start_ups": False, "spin_offs": False}},
        {"entry": {"own": 0.7, "related": 0.6}},
        {"entry": {"start_up_rate": 0.6}},
        {"exit": {"debt_limit": 0.0, "least_jobs": 4.0}},
        {"relocation": {"move_rate": 9.0, "moving_cost": 0.0, "candidates": 6, "join_rate": 9.0}},
        {"relocation": {"moves": False, "arrival_rate": 5.0, "smallest": 40.0, "largest": 400.0}},
        {"relocation": {"arrivals": False, "large": 5.0, "join_rate": 9.0, "move_rate": 9.0}},
        {"finance": {"tax": 0.6, "interest": 0.5, "reserve": 0.1}},
        {"collaboration": {"closure": 0.9, "meeting_rate": 20.0, "length": 0.5}},
        {"innovation": {"rate": 8.0, "exploration": 0.6}},
        {"labour": {"movers": False}},
        {"labour": {"job_to_job": 6.0, "rounds": 4.0, "carry": 0.8, "memory": 0.5}},
        {"labour": {"job_to_job": 0.0}},
        {"labour": {"local": 1.0, "memory": 20.0}},
        {"projects": {"proposal_rate": 10.0, "capacity": 6, "progress": 20.0, "longest": 1.0}},
        {"projects": {"proposal_rate": 5.0, "complementarity": 0.0, "least_firms": 5}},
        {"projects": {"proposal_rate": 0.0}},
        {"frontier": {"world_lag": 0.0, "world_imitation": 2.0}},
    ],
    ids=str,
)
def test_agree_with_other_parameters(changes):
    run_together(small_world(8), small_schedule(**changes), 8, 14)


def test_agree_where_projects_are_cut_short():
    schedule = small_schedule(
        exit={"hazard_old": 2.0}, projects={"proposal_rate": 5.0, "shortest": 2.0}
    )
    model = run_together(small_world(10), schedule, 10, 14)
    assert any(0 <= one.ended < one.born + one.length for one in model.projects)


def test_agree_where_distance_does_not_matter():
    world = small_world(9, exchange={"distance_decay": False})
    run_together(world, small_schedule(), 9, 12)


class Outages(Mechanism):
    """Places stand still or nearly so, one after the other, for some quarters each."""

    name = "outages"
    reads = ()
    writes = ("conditions.output",)

    def apply(self, world, draws):
        output = world.conditions.output
        for r, s in np.ndindex(output.shape):
            output[r, s] = self.capacity(r, s, world.clock.step)

    @staticmethod
    def capacity(r, s, quarter):
        return (0.0, 0.4, 0.995, 1.0, 1.0, 0.7, 1.0, 1.0, 1.0, 1.0)[(3 * r + 4 * s + quarter) % 10]

    @classmethod
    def twin(cls, model, p):
        for r, s in model.places:
            model.conditions.output[r, s] = cls.capacity(r, s, model.quarter)


@pytest.mark.parametrize(
    "changes",
    [{}, {"inventory": 2.0, "search": 1.0, "dependence": 0.9}, {"key_suppliers": False}],
    ids=str,
)
def test_agree_through_outages(changes, monkeypatch):
    monkeypatch.setitem(RULES, "outages", Outages.twin)
    shocks, *others = small_schedule(supply=changes)
    schedule = (shocks, Outages(), *others)
    world = small_world(11)
    firms = world.actors.rows(Kind.FIRM)
    tie(world, "supply", firms[:20], firms[40:60])  # two suppliers for some, as from a graph
    tie(world, "supply", firms[20:40], firms[40:60])
    outputs = set()
    run_together(
        world,
        schedule,
        11,
        44,
        on_quarter=lambda model: outputs.update(round(firm.output, 6) for firm in model.firms),
    )
    assert {0.0, 0.4, 1.0} <= outputs
    assert (len(outputs) > 50) == changes.get("key_suppliers", True)


@pytest.mark.parametrize("seed", [1, 5])
def test_agree_through_shocks_of_every_kind(seed):
    schedule = small_schedule(shocks={"events": SHOCKS})
    seen = set()

    def note(model):
        numbers = {key for key, years in model.struck.items() if years}
        seen.update(SHOCKS[number].kind for number in numbers if SHOCKS[number].rate)
        for name in ("travel", "energy_price", "credit"):
            seen.update({name} if getattr(model.conditions, name) != 1.0 else ())
        seen.update({"outage"} if min(model.conditions.output.values()) < 1.0 else ())
        seen.update({"skill"} if min(place.skill for place in model.places.values()) < 0.7 else ())

    model = run_together(small_world(seed), schedule, seed, 20, each_rule=True, on_quarter=note)
    assert seen >= {"travel", "energy_price", "credit", "outage", "skill", "demand", "technology"}
    engines, tools, foods = ([p.year for p in sector.paradigms] for sector in model.sectors)
    assert engines[1] == 2004.0  # three widths after it was brought forward, not in 2005
    assert foods[1] == pytest.approx(2002.1)
    assert foods[2] == pytest.approx(2004.4)  # drawn, as none was still to come
    assert len(tools) > 2


def test_starts_as_a_copy_of_the_world():
    world = small_world(1)
    model = TwinModel.from_world(world, small_schedule(), 1)
    assert differences(world, model) == []
    for kind, cls in AGENTS.items():
        assert len(model.all_of(cls)) == world.actors.rows(kind).size > 0
    assert len(model.all_of(UniversityAgent)) == world.actors.rows(Kind.UNIVERSITY).size
    assert len(model.all_of(RTOAgent)) == world.actors.rows(Kind.RTO).size


def test_leaves_the_world_alone():
    world = small_world(1)
    size, knowledge = world.actors.size.copy(), world.actors.knowledge.copy()
    model = TwinModel.from_world(world, small_schedule(), 1)
    model.step()
    model.step()
    assert model.quarter == 2
    assert world.clock.step == 0
    assert np.array_equal(world.actors.size, size)
    assert np.array_equal(world.actors.knowledge, knowledge)


def test_has_a_rule_for_every_mechanism():
    assert list(RULES) == [mechanism.name for mechanism in SCHEDULE]


@pytest.mark.parametrize(
    ("change", "array"),
    [
        (lambda twin, firm: firm.knowledge.__setitem__(3, 0.123), "actors.knowledge"),
        (lambda twin, firm: setattr(firm, "cash", firm.cash * (1 + 1e-8)), "actors.cash"),
        (lambda twin, firm: setattr(firm, "parent", firm.parent + 1), "actors.parent"),
        (lambda twin, firm: firm.leave(), "actors"),
        (lambda twin, firm: setattr(firm, "output", 0.99), "actors.output"),
        (lambda twin, firm: setattr(firm, "stock", 0.1), "actors.stock"),
        (lambda twin, firm: twin.projects.append(Mock(identity=5)), "projects"),
        (lambda twin, firm: twin.ties["membership"].pop(), "ties.membership"),
        (
            lambda twin, firm: setattr(twin.ties["collaboration"][0], "born", 7),
            "ties.collaboration.born",
        ),
        (lambda twin, firm: setattr(twin.places[1, 2], "entries", 1.0), "flows.entries"),
        (lambda twin, firm: setattr(twin.places[1, 2], "unemployed", 1.0), "places.unemployed"),
        (lambda twin, firm: setattr(twin.sectors[1], "world_jobs", 1.0), "sectors.world_jobs"),
        (lambda twin, firm: setattr(twin.regions[1], "wage", 1.0), "regions.wage"),
        (lambda twin, firm: twin.end_quarter(), "clock.step"),
    ],
)
def test_comparison_notices_a_difference(change, array):
    world = small_world(1)
    model = TwinModel.from_world(world, small_schedule(), 1)
    change(model, next(iter(model.firms)))
    assert array in {difference.array for difference in differences(world, model)}


def test_a_disagreement_names_the_culprit(monkeypatch):
    schedule = small_schedule()
    monkeypatch.setitem(
        RULES,
        "finance",
        lambda model, p: model.firms.do("book", p.model_copy(update={"reserve": 0.5 * p.reserve})),
    )
    with pytest.raises(DisagreementError, match=re.escape("after finance of quarter 0")) as caught:
        run_together(small_world(1), schedule, 1, 1, each_rule=True)
    assert {difference.array for difference in caught.value.differences} == {"actors.cash"}
