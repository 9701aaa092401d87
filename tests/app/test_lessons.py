"""Lessons: files that are valid, worlds that can be founded, and claims that are true.

The slow ones check more claims: ``pytest tests/app/test_lessons.py -m slow``.
"""

from pathlib import Path

import numpy as np
import pytest

from clustersim.app.catalogue import Catalogue
from clustersim.app.evaluators import verdicts, verdicts_html
from clustersim.app.lessons import LessonError, read_lessons
from clustersim.app.session import Session
from clustersim.scenario.problems import ScenarioError

LESSONS = read_lessons()
MINIMAL = "title: T\nquestion: Q\ntry: [a]\nlook: [b]\n"


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return Catalogue()


def played(catalogue: Catalogue, name: str, until: float, **more: object) -> Session:
    """The session of a lesson at some year; keywords are values and the seed."""
    session = Session(catalogue)
    session.take(LESSONS[name])
    if "seed" in more:
        session.put_seed(int(more.pop("seed")))
    for key, value in more.items():
        session.put(key.replace("__", "."), value)
    session.start()
    while session.main.year < until:
        session.step()
    return session


def jobs_of(running: object, year: float, region: int, sector: int) -> float:
    at = int(np.searchsorted(running.history.year, year))
    return float(running.history.jobs[at][region, sector])


def test_there_are_at_least_six_and_each_is_complete() -> None:
    assert len(LESSONS) >= 6
    assert next(iter(LESSONS)) == "why_clusters_form"
    for one in LESSONS.values():
        assert one.background
        assert len(one.try_) >= 3
        assert len(one.look) >= 2
        assert one.discuss
        assert one.sources


@pytest.mark.parametrize("name", LESSONS)
def test_the_world_of_each_lesson_can_be_founded_and_its_file_repeated(
    name: str, catalogue: Catalogue
) -> None:
    session = played(catalogue, name, 1991.0)
    assert session.main is not None
    assert (session.other is None) == (session.twin is None)
    place = LESSONS[name].place
    if place is not None:
        session.strike("anchor", place.region, place.sector)
    assert "schema_version: 1" in session.scenario_text()


def test_clusters_form_where_place_gives_an_advantage(catalogue: Catalogue) -> None:
    session = played(catalogue, "why_clusters_form", 2030.0)
    shares = [one.history.jobs[-1][:, 0] for one in (session.main, session.other)]
    with_it, without = (float(jobs.max() / jobs.sum()) for jobs in shares)
    assert with_it > 0.8
    assert without < 0.55
    winner = int(shares[0].argmax())
    again = played(catalogue, "why_clusters_form", 2030.0, seed=2)
    assert int(again.main.history.jobs[-1][:, 0].argmax()) != winner


@pytest.mark.slow
def test_the_best_distance_is_neither_near_nor_far(catalogue: Catalogue) -> None:
    found = [
        played(catalogue, "cognitive_distance", 2030.0, world__exchange__fruitful_distance=distance)
        .main.tables["clusters"]["innovations"]
        .sum()
        for distance in (0.05, 0.35, 0.95)
    ]
    assert found[1] > found[0] + 300
    assert found[1] > found[2] + 300


@pytest.mark.slow
def test_a_change_of_technology_brings_decline_later_and_learning_softens_it(
    catalogue: Catalogue,
) -> None:
    session = played(catalogue, "lock_in", 2030.0)
    end, other = (jobs_of(one, 2029.75, 0, 0) for one in (session.main, session.other))
    assert end < 0.75 * other
    assert jobs_of(session.main, 2016, 0, 0) > jobs_of(session.other, 2016, 0, 0)
    assert session.main.stage_of_places()[0, 0] == "decline"
    learning = played(catalogue, "lock_in", 2030.0, learning__tie_rate=0.6)
    assert jobs_of(learning.main, 2029.75, 0, 0) > 1.2 * end
    renewed = played(catalogue, "lock_in", 2030.0, seed=5).main.tables["stages"]
    here = (renewed["region"] == 0) & (renewed["sector"] == 0)
    assert "renewal" in renewed["stage"][here]


def test_the_anchor_firm_takes_its_jobs_and_most_come_back_elsewhere(catalogue: Catalogue) -> None:
    session = played(catalogue, "anchor_leaves", 2016.0)
    main, other = session.main, session.other
    lost = jobs_of(other, 2005.25, 0, 0) - jobs_of(main, 2005.25, 0, 0)
    assert 800 < lost < 1000
    at = int(np.searchsorted(main.history.year, 2010.0))
    gap = other.history.total()[at] - main.history.total()[at]
    assert gap < 0.25 * lost
    assert jobs_of(other, 2010, 0, 0) - jobs_of(main, 2010, 0, 0) > 0.5 * lost


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 3])
def test_vouchers_bring_innovations_and_networking_has_its_limit(
    seed: int, catalogue: Catalogue
) -> None:
    vouchers = played(catalogue, "policy_works", 2015.0, seed=seed)
    gained = [
        one.tables["clusters"]["innovations"].sum() for one in (vouchers.main, vouchers.other)
    ]
    assert 150 < gained[0] - gained[1] < 300
    money = []
    for budget in (600e3, 3e6):
        network = played(
            catalogue,
            "policy_works",
            2016.0,
            seed=seed,
            policies__vouchers__enabled=False,
            policies__network__enabled=True,
            policies__network__budget=budget,
        )
        gain = network.main.history.total() - network.other.history.total()
        assert abs(gain[:101]).max() < 60
        money.append(network.main.money())
    assert money[1] < 1.1 * money[0]


def test_evaluators_are_wrong_and_the_second_world_is_right(catalogue: Catalogue) -> None:
    session = played(catalogue, "evaluation", 2015.0)
    before_after, compared, truth = (one.jobs for one in verdicts(session.main, session.other))
    assert 150 < before_after < 300
    assert 600 < compared < 800
    assert 10 < truth < 30
    assert "The truth" in verdicts_html(session.main, session.other)
    for _ in range(8):
        session.step()
    after = [one.jobs for one in verdicts(session.main, session.other)]
    assert after[0] < 0
    assert abs(after[2] - truth) < 60
    second = played(catalogue, "evaluation", 2015.0, seed=2)
    _, compared, truth = (one.jobs for one in verdicts(second.main, second.other))
    assert compared < -450
    assert 30 < truth < 50


def test_there_is_no_verdict_before_there_is_money(catalogue: Catalogue) -> None:
    session = played(catalogue, "evaluation", 1991.0)
    assert verdicts(session.main, session.other) == ()
    assert "as soon as" in verdicts_html(session.main, session.other)


def test_histories_differ_by_a_factor_of_two(catalogue: Catalogue) -> None:
    one, five = (played(catalogue, "chance", 2030.0, seed=seed).main for seed in (1, 5))
    assert jobs_of(one, 2029.75, 0, 0) > 1.8 * jobs_of(five, 2029.75, 0, 0)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("title: T\n", "question: field required"),
        (MINIMAL + "look_: no\n", "mine.yaml:5:1: look_: unknown key; did you mean 'look'?"),
        (MINIMAL + "minutes: 0\n", "mine.yaml:5:1: minutes: input should be greater"),
        ("- a list\n", "mine.yaml"),
        ("title: [\n", "mine.yaml"),
        (MINIMAL + "title: again\n", "mine.yaml:5"),
    ],
)
def test_what_is_wrong_with_a_lesson_is_said(text: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(text)
    with pytest.raises(ScenarioError) as caught:
        read_lessons(tmp_path)
    assert said in str(caught.value)


def test_a_teachers_own_folder_is_read_in_its_order(tmp_path: Path) -> None:
    (tmp_path / "b.yaml").write_text(MINIMAL + "order: 1\n")
    (tmp_path / "a.yaml").write_text(MINIMAL + "order: 2\n")
    assert list(read_lessons(tmp_path)) == ["b", "a"]
    with pytest.raises(LessonError, match="no such folder"):
        read_lessons(tmp_path / "nowhere")


def test_the_documentation_lists_every_lesson_and_its_example_is_one(
    tmp_path: Path, catalogue: Catalogue
) -> None:
    text = (Path(__file__).parents[2] / "docs" / "lessons.md").read_text(encoding="utf-8")
    for name, lesson in LESSONS.items():
        assert f"| `{name}` | {lesson.question} | {lesson.minutes} |" in text
    file = tmp_path / "two_valleys.yaml"
    file.write_text(text.split("```yaml\n")[1].split("```")[0], encoding="utf-8")
    session = Session(catalogue)
    session.take(read_lessons(tmp_path)[file.stem])
    session.start()
    assert session.other is not None
