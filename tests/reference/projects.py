"""The quarter of projects: proposals and consortia, work, ends."""

from __future__ import annotations

from math import expm1, hypot
from typing import TYPE_CHECKING

from clustersim.mechanisms.projects import Projects
from clustersim.world.world import DT
from tests.reference.coordinator import Consortium
from tests.reference.partner import RTOAgent
from tests.reference.state import Project, Tie

if TYPE_CHECKING:
    from tests.reference.partner import Partner
    from tests.reference.twin import TwinModel


def projects(model: TwinModel, p: Projects) -> None:
    """Form consortia, let running projects work and end, then begin the new ones."""
    model.researchers.do("take_stock")
    consortia = form_consortia(model, p)
    running = [project for project in model.projects if project.runs]
    work(model, running, p)
    for project in running:
        alone = len(project.members) < 2
        if alone or model.quarter - project.born >= project.length:
            end(model, project, p)
    for consortium in consortia:
        model.projects.append(consortium.project)
    for first, second in strangers(consortia):
        km = hypot(first.x - second.x, first.y - second.y)
        model.add_tie(
            "collaboration", Tie(first, second, first.mean_quality(second), km, model.quarter)
        )


def form_consortia(model: TwinModel, p: Projects) -> list[Consortium]:
    """Return the consortia that come about, by the identity of their projects."""
    running = [project for project in model.projects if project.runs]
    busy: dict[Partner, int] = {}
    for project in running:
        for member in project.members:
            busy[member] = busy.get(member, 0) + 1
    leaders = {project.members[0] for project in running if project.members}
    science = model.science_by_region()
    consortia = []
    for agent in model.researchers:
        if agent not in leaders and agent.proposes(p, busy.get(agent, 0)):
            consortium = Consortium(model, agent, busy, science[agent.region], p)
            if consortium.comes_about():
                consortia.append(consortium)
    return sorted(consortia, key=lambda consortium: consortium.project.identity)


def strangers(consortia: list[Consortium]) -> list[tuple[Partner, Partner]]:
    """Return the coordinators and members who are not tied yet, each pair once."""
    pairs = {}
    for consortium in consortia:
        leader, *others = consortium.members
        for other in others:
            if other not in leader.collaborations:
                pairs[frozenset((leader, other))] = (leader, other)
    return list(pairs.values())


def work(model: TwinModel, running: list[Project], p: Projects) -> None:
    """Let projects progress and their members learn, all on the state at the start."""
    rises = []
    learnt: dict[tuple[Partner, int], float] = {}
    for project in running:
        if len(project.members) < 2:
            continue
        m = project.field
        if project.trl < project.target:
            luck = model.luck.one("projects.progress", project.identity)
            if luck < -expm1(-hazard(project, p) * DT):
                rises.append(project)
        best = max(member.knowledge[m] for member in project.members)
        for member in project.members:
            known = member.knowledge[m]
            share = -expm1(-p.sharing * member.capacity * DT)
            learns = known + share * (best - known)
            learnt[member, m] = max(learns, learnt.get((member, m), 0.0))
    for (member, m), level in learnt.items():
        member.knowledge[m] = level
    for project in rises:
        project.trl += 1


def hazard(project: Project, p: Projects) -> float:
    """Return the hazard at which a project rises in readiness, per year."""
    leader, *others = project.members
    capacity = sum(member.capacity for member in project.members) / len(project.members)
    fruit = sum(leader.fruitfulness_of(other, leader.capacity) for other in others) / len(others)
    best = max(member.knowledge[project.field] for member in project.members)
    lever = sum(member.lever("progress") for member in project.members) / len(project.members)
    out = p.progress * lever * capacity * best
    out *= (1.0 + p.complementarity * fruit) / (1.0 + p.complementarity)
    if project.trl in (4, 5, 6) and any(isinstance(one, RTOAgent) for one in project.members):
        out *= 1.0 + p.demonstrator
    return out


def end(model: TwinModel, project: Project, p: Projects) -> None:
    """End a project, with what comes of it."""
    leader, *others = project.members or [None]
    project.ended = model.quarter
    succeeded = bool(others) and project.trl >= project.target
    project.outcome = "SUCCEEDED" if succeeded else "FAILED"
    members, project.members = project.members, []
    if leader is None or not others:
        return
    for member in members:
        if succeeded or project.trl >= 7:
            member.have_innovated(project.field)
        if succeeded:
            member.take_home(project.field, p.gain)
    for other in others:
        tie = leader.collaborations.get(other)
        if tie is not None and succeeded:
            tie.grow(p.trust_gain)
        elif tie is not None:
            tie.trust *= 1.0 - p.trust_loss
