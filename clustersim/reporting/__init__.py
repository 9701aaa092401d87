"""A report on compared scenarios that people can act on, from stored runs alone."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from clustersim.experiments.comparison.judged import USUAL
from clustersim.experiments.comparison.money import Prices
from clustersim.reporting.facts import gather
from clustersim.reporting.figures import Picture, pictures
from clustersim.reporting.pages import FIGURES, as_html, as_markdown
from clustersim.reporting.sections import Section, sections
from clustersim.reporting.words import GOALS, answer, goal_name
from clustersim.store import StoredRuns, read_runs

HTML: Final = "report.html"
MARKDOWN: Final = "report.md"
JSON: Final = "report.json"
"""Names of the files of a report."""


@dataclass(frozen=True, eq=False)
class Report:
    """A report in all its forms.

    Attributes
    ----------
    facts
        All that it is made of, as one document.
    sections
        What is told.
    pictures
        By name.
    """

    facts: dict[str, Any]
    sections: tuple[Section, ...]
    pictures: dict[str, Picture]

    def html(self) -> str:
        """Return one page that opens offline."""
        return as_html(self.facts, self.sections, self.pictures)

    def markdown(self) -> str:
        """Return it as Markdown, whose pictures `write` puts beside it."""
        return as_markdown(self.facts, self.sections, self.pictures)

    def answer(self) -> str:
        """Return the answer in two sentences."""
        return " ".join(str(one) for one in self.facts["answer"])

    def write(self, folder: str | Path) -> Path:
        """Write page, Markdown, JSON and pictures to a folder, which is made; return the page."""
        place = Path(folder)
        (place / FIGURES).mkdir(parents=True, exist_ok=True)
        for picture in self.pictures.values():
            (place / FIGURES / f"{picture.name}.svg").write_bytes(picture.wide)
        document = json.dumps(self.facts, indent=2, ensure_ascii=False, allow_nan=False)
        texts = {HTML: self.html(), MARKDOWN: self.markdown(), JSON: document + "\n"}
        for name, text in texts.items():
            (place / name).write_text(text, encoding="utf-8")
        return place / HTML


def report(  # each is a choice of its own, by keyword
    runs: str | Path | StoredRuns,
    *,
    goal: str = GOALS[0],
    prices: Prices = USUAL,
    point: int | None = None,
    workers: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Report:
    """Make a report on the scenarios of a sweep or a comparison that has been stored.

    Parameters
    ----------
    runs
        The store, or its folder.
    goal
        Outcome that the answer is about, in the whole economy, by name or key, as ``"innovations"``
        or ``"jobs"``.
    prices
        What effects are worth, and how the future counts.
    point
        Point of the uncertainties, where the study has several.
    workers
        Processes that read; as many as there are cores if not given.
    progress
        Told after each seed that has been read how many are done, and of how many.

    Returns
    -------
    Report

    Raises
    ------
    StoreError
        If the folder holds no runs, or nothing that can be compared.
    ValueError
        If nothing is called as the goal.
    """
    goal = goal_name(goal)
    stored = runs if isinstance(runs, StoredRuns) else read_runs(runs)
    facts = gather(stored, prices=prices, point=point, workers=workers, progress=progress)
    facts = {"goal": goal, "answer": answer(facts["comparison"], goal), **facts}
    drawn = pictures(facts)
    return Report(facts, sections(facts, goal, tuple(drawn)), drawn)
