"""Reports: the same numbers in all forms, nothing from elsewhere, whatever the names are."""

import base64
import json
import re
import shutil
import xml.etree.ElementTree as ET
from html.parser import HTMLParser
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from clustersim.cli import app
from clustersim.experiments.comparison.runs import compare
from clustersim.experiments.sweep.sweep import Engine, sweep
from clustersim.reporting import Report, report
from clustersim.reporting.pages import FIGURES
from clustersim.store import StoredRuns, StoreError
from tests.experiments.sweep.small import HELPED, TINY, study

ONE = Engine(workers=1)
TITLE = 'A <b>bold</b> | title * with ünïcode & "quotes"'
EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"


class Page(HTMLParser):
    """What a browser would load, and the text that people see."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.text = ""
        self.hidden = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.hidden = tag in {"style", "script", "title"} or self.hidden
        for name, value in attrs:
            if name in {"href", "src", "srcset", "action", "data"}:
                self.links.append(value or "")
            if name == "id":
                self.ids.append(value or "")

    def handle_endtag(self, tag: str) -> None:
        self.hidden = self.hidden and tag not in {"style", "script", "title"}

    def handle_data(self, data: str) -> None:
        self.text += "" if self.hidden else data


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> StoredRuns:
    """Two scenarios with awkward names against a third, shocks and a mechanism of their own."""
    folder = tmp_path_factory.mktemp("report")
    shutil.copy(EXAMPLES / "training_vouchers.py", folder)
    asked = study(
        title=TITLE,
        question="Is it so? <script>alert(1)</script>",
        scenarios=[
            TINY,
            {"scenario": HELPED, "name": "vouchers & co <i>"},
            {"scenario": HELPED, "name": "more | *", "set": {"policies.vouchers.budget": 3e6}},
        ],
        years=4,
        uncertainties={},
        resilience=True,
        set={"training_vouchers.rate": 0.5},
        mechanisms=[str(folder / "training_vouchers.py")],
        replications={"seeds": 4},
    )
    found = sweep(asked, folder / "runs", engine=ONE)
    # What is reported on needs the runs alone.
    (folder / "training_vouchers.py").unlink()
    return found


@pytest.fixture(scope="module")
def made(stored: StoredRuns) -> Report:
    return report(stored, workers=1)


def test_nothing_is_loaded_from_elsewhere_and_nothing_runs(made: Report) -> None:
    page = Page(made.html())
    assert not {"script", "link", "iframe", "object", "embed", "form"} & set(page.tags)
    assert page.links
    for link in page.links:
        assert link.startswith(("#", "data:image/svg+xml;base64,")), link[:80]
    assert {link[1:] for link in page.links if link.startswith("#")} <= set(page.ids)
    assert "default-src 'none'" in made.html()
    for link in page.links:
        if link.startswith("data:"):
            root = ET.fromstring(base64.b64decode(link.partition(",")[2]))  # noqa: S314  # ours
            assert root.tag.endswith("svg")


def test_names_are_shown_as_they_are_and_are_no_code(made: Report) -> None:
    page = Page(made.html())
    assert TITLE in page.text
    assert "Is it so? <script>alert(1)</script>" in page.text
    assert made.facts["title"] == TITLE
    markdown = re.sub(r"^(```+)$.*?^\1$", "", made.markdown(), flags=re.MULTILINE | re.DOTALL)
    assert "<script" not in markdown.replace("\\<script", "")
    # A cell has no sign that would end it.
    for line in markdown.splitlines():
        if line.startswith("| "):
            assert "more | *" not in line


def test_the_numbers_are_those_of_the_comparison(stored: StoredRuns, made: Report) -> None:
    found = compare(stored, engine=ONE)
    assert made.facts["comparison"] == found.to_dict()
    assert json.loads(json.dumps(made.facts, allow_nan=False)) == made.facts


def test_page_and_markdown_say_the_same(made: Report) -> None:
    page, markdown = Page(made.html()).text, made.markdown()
    figures = re.findall(r"[+−]?\d[\d,]*(?:\.\d+)?(?:\N{NO-BREAK SPACE}%)?", markdown)
    assert len(figures) > 300
    missing = {one for one in figures if one not in page}
    # What is only in Markdown: names of the files of figures.
    assert missing <= {one for one in missing if f"-{one}.svg" in markdown}
    for section in made.sections:
        assert f"## {section.title}" in markdown
        assert section.key in Page(made.html()).ids


def test_figures_shown_are_those_of_the_document(made: Report) -> None:
    """Each number of the main table, told again from the document alone."""
    markdown = made.markdown()
    for case in made.facts["comparison"]["cases"]:
        rows = {row["outcome"]: row for row in case["outcomes"] if row["scope"] == "all"}
        value = 100.0 * rows["innovations"]["effect"]
        low, high = (100.0 * end for end in rows["innovations"]["ci"])
        for one in (value, low, high):
            assert f"{one:+.2f}".replace("-", "−") in markdown
        assert f"{case['money']['npv']['value'] / 1e6:+.1f}".replace("-", "−") in markdown
    ledger = [row for row in made.facts["ledger"] if row["purpose"] == "measure"]
    assert ledger
    for row in ledger:
        assert f"{row['euro'] / 1e6:.2f}" in markdown


def test_every_part_is_there(made: Report) -> None:
    assert [section.key for section in made.sections] == [
        "answer",
        "scenarios",
        "effects",
        "course",
        "winners",
        "money",
        "life-cycle",
        "resilience",
        "ledger",
        "assumptions",
        "method",
        "repeat",
    ]
    assert len(made.facts["answer"]) == 2
    assert all(f"\n{sentence}\n" in made.markdown() for sentence in made.facts["answer"])
    assert {"effects", "jobs", "winners-1", "winners-2", "stages"} <= set(made.pictures)
    for picture in made.pictures.values():
        assert picture.title
        assert len(picture.alt) > 20


def test_the_files_and_the_command(stored: StoredRuns, tmp_path: Path) -> None:
    out = tmp_path / "told"
    done = call("report", stored.folder, "--out", out, "--goal", "innovations", "--workers", 1)
    assert done.exit_code == 0, done.stderr
    assert str(out / "report.html") in done.stdout
    document = json.loads((out / "report.json").read_text(encoding="utf-8"))
    assert document["goal"] == "innovations"
    assert document["answer"][0] in done.stdout
    shown = re.findall(rf"\]\(({FIGURES}/[^)]+)\)", (out / "report.md").read_text(encoding="utf-8"))
    assert shown
    assert all((out / one).is_file() for one in shown)
    assert Page((out / "report.html").read_text(encoding="utf-8")).tags.count("table") > 8
    before = (out / "report.html").read_bytes()
    for arguments, told in (
        ((stored.folder, "--out", out), "exists already"),
        ((stored.folder, "--goal", "joobs"), "did you mean 'jobs'?"),
        ((tmp_path / "nowhere",), "no such folder"),
        ((out,), "holds no sweep"),
        ((stored.folder, "--point", 3), "no point 3"),
        ((stored.folder, "--discount-rate", -3), "discount"),
    ):
        refused = call("report", *arguments)
        assert refused.exit_code == 2, (arguments, refused.stderr)
        assert told in refused.stderr
    assert (out / "report.html").read_bytes() == before
    again = call("report", stored.folder, "--out", out, "--force", "--json", "--quiet")
    assert again.exit_code == 0
    assert json.loads(again.stdout)["goal"] == "jobs at the end"


def call(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(one) for one in arguments])


def test_a_single_seed_has_no_intervals(tmp_path: Path) -> None:
    asked = study(uncertainties={}, replications={"seeds": 1})
    text = report(sweep(asked, tmp_path / "runs", engine=ONE), workers=1).markdown()
    assert "In 1 histor" in text
    assert "nan" not in text.lower().replace("finan", "")
    assert "None" not in text


def test_scenarios_without_public_money_are_told_of(tmp_path: Path) -> None:
    asked = study(
        scenarios=[TINY, {"scenario": TINY, "name": "learned", "set": {"learning.tie_rate": 0.6}}],
        uncertainties={},
    )
    made = report(sweep(asked, tmp_path / "runs", engine=ONE), workers=1)
    assert made.facts["answer"][1].startswith("No scenario takes public money")
    assert "ledger" not in {section.key for section in made.sections}
    assert "learning.tie_rate: 0.6 instead of" in made.markdown()


def test_what_has_nothing_to_compare_is_refused(tmp_path: Path) -> None:
    found = sweep(
        study(scenarios=[TINY], baseline=None, uncertainties={}), tmp_path / "alone", engine=ONE
    )
    with pytest.raises(ValueError, match="nothing to compare it with"):
        report(found, workers=1)
    few = sweep(study(keep=["economy"], uncertainties={}), tmp_path / "few", engine=ONE)
    with pytest.raises(StoreError, match="a comparison needs"):
        report(few, workers=1)
