"""Theory against simulation: cases in which a mechanism alone has a known answer.

From the root of the checkout::

    python experiments/verification/verify.py                    # the table, theory and simulated
    python experiments/verification/verify.py size_tail labour   # some of the cases
    python experiments/verification/verify.py --json             # one JSON document on stdout
    python experiments/verification/verify.py --figure cases.png # the curves, theory and dots
    python experiments/verification/verify.py --write            # tables of docs/verification.md

Exit code 1 if theory and simulation disagree anywhere, 2 on wrong usage.
"""

from __future__ import annotations

import argparse
import inspect
import json
import math
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from clustersim.plots.style import PALETTE
from experiments.verification.cases import CASES
from experiments.verification.result import Case, Curve, Outcome, Row

CHAPTER = Path(__file__).resolve().parents[2] / "docs" / "verification.md"
START, END = "<!-- cases -->\n", "<!-- end of cases -->\n"


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    known = {case.__name__: case for case in CASES}
    parser = argparse.ArgumentParser(
        description=str(__doc__), formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("cases", nargs="*", metavar="CASE", help=f"one of {', '.join(known)}")
    parser.add_argument("--json", action="store_true", help="one JSON document on stdout")
    parser.add_argument("--figure", type=Path, help="PNG file of the curves")
    parser.add_argument("--write", action="store_true", help="write the tables of the chapter")
    given = parser.parse_args(argv)
    unknown = [name for name in given.cases if name not in known]
    if unknown:
        parser.error(f"no case {', '.join(unknown)}; there are {', '.join(known)}")
    if given.write and given.cases:
        parser.error("--write needs all cases")
    chosen = [known[name] for name in given.cases] or list(CASES)
    outcomes = {case.__name__: case() for case in chosen}
    if given.json:
        text = json.dumps({name: as_json(one) for name, one in outcomes.items()}, indent=2)
    else:
        text = "\n\n".join(plain(name, one) for name, one in outcomes.items())
    sys.stdout.write(text + "\n")
    if given.figure:
        draw([one.curve for one in outcomes.values() if one.curve], given.figure)
    if given.write:
        before, _, rest = CHAPTER.read_text(encoding="utf-8").partition(START)
        after = rest.partition(END)[2]
        CHAPTER.write_text(before + START + chapter(outcomes) + END + after, encoding="utf-8")
    return 0 if all(row.agrees for one in outcomes.values() for row in one.rows) else 1


def cells(row: Row) -> tuple[str, ...]:
    """Return what a table shows of a row: quantity, theory, simulated, error, score, mistake."""
    error = f"{row.error:.2g}" + (" allowed" if row.exact else "")
    rival = "" if row.rival is None else f"{row.rival:.4g}"
    # The last bits of a number that agrees to rounding depend on the processor.
    score = "-" if row.exact else f"{row.score:+.2f}"
    simulated = row.theory if row.exact and _is_rounding(row) else row.simulated
    return row.quantity, f"{row.theory:.4g}", f"{simulated:.4g}", error, score, rival


def _is_rounding(row: Row) -> bool:
    return math.isclose(row.simulated, row.theory, rel_tol=1e-9, abs_tol=1e-9)


HEADING = ("quantity", "theory", "simulated", "error", "z", "a mistake would give")


def plain(name: str, outcome: Outcome) -> str:
    """Return the table of a case for a terminal."""
    rows = [HEADING, *map(cells, outcome.rows)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
    return "\n".join([name, *lines])


def as_json(outcome: Outcome) -> list[dict[str, object]]:
    """Return the rows of a case for a reader of JSON."""
    return [{**vars(row), "score": row.score, "agrees": row.agrees} for row in outcome.rows]


def section(case: Case, outcome: Outcome) -> str:
    """Return the section of a case in the chapter: its docstring and its table, as Markdown."""
    title, _, text = (inspect.getdoc(case) or "").partition("\n\n")
    body = text.replace("::\n", ":\n")
    lines = [f"| {' | '.join(row)} |" for row in (HEADING, *map(cells, outcome.rows))]
    lines.insert(1, "|" + "---|" * len(HEADING))
    table = "\n".join(lines)
    return f"### `{case.__name__}`: {title.rstrip('.')}\n\n{body}\n\n{table}\n"


def chapter(outcomes: Mapping[str, Outcome]) -> str:
    """Return the cases as the chapter shows them."""
    return "\n" + "\n".join(section(case, outcomes[case.__name__]) for case in CASES) + "\n"


def draw(curves: Sequence[Curve], path: Path) -> None:
    """Save a picture of curves: theory as a line, the simulation as dots."""
    n_columns = 3
    n_rows = max(-(-len(curves) // n_columns), 1)
    figure = Figure(figsize=(9.0, 2.8 * n_rows), layout="constrained")
    FigureCanvasAgg(figure)
    for number, curve in enumerate(curves, start=1):
        axes = figure.add_subplot(n_rows, n_columns, number)
        axes.plot(curve.x, curve.theory, color=PALETTE["black"], linewidth=1.2, label="theory")
        axes.plot(
            curve.x,
            curve.simulated,
            linestyle="none",
            marker="o",
            markersize=3.0,
            color=PALETTE["vermilion"],
            label="simulated",
        )
        for axis in curve.logarithmic:
            getattr(axes, f"set_{axis}scale")("log")
        axes.set(title=curve.title, xlabel=curve.x_label, ylabel=curve.y_label)
        axes.legend(frameon=False)
    figure.savefig(path, dpi=120)


if __name__ == "__main__":
    sys.exit(main())
