"""How pictures look: colours that colour-blind people can tell apart, fonts, sizes, files.

The palette is that of Okabe & Ito 2008, *Color Universal Design*. Colour never carries a meaning
alone: pictures add a marker, a label or a line style.
"""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import Any, Final

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text

PALETTE: Final[dict[str, str]] = {
    "black": "#000000",
    "orange": "#E69F00",
    "sky": "#56B4E9",
    "green": "#009E73",
    "yellow": "#F0E442",
    "blue": "#0072B2",
    "vermilion": "#D55E00",
    "purple": "#CC79A7",
}
"""The eight colours of Okabe and Ito."""

GREY: Final = "#6E6E6E"
"""For what is only background: axes, notes, totals."""

NO_DATA: Final = "#E4E4E4"
"""For cells without a figure."""

STAGE_COLOURS: Final[dict[str, str]] = {
    "INFANCY": PALETTE["sky"],
    "GROWTH": PALETTE["green"],
    "MATURITY": PALETTE["orange"],
    "DECLINE": PALETTE["vermilion"],
    "RENEWAL": PALETTE["purple"],
}
"""Colour of each stage of the life cycle, in every picture."""

DIVERGING: Final = "PuOr_r"
"""Colour map for "less or more than usual": purple to orange, the middle white."""

STYLE: Any = {
    "font.family": "DejaVu Sans",
    "font.size": 9.0,
    "axes.titlesize": 10.0,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.labelsize": 8.0,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": GREY,
    "xtick.labelsize": 7.5,
    "ytick.labelsize": 7.5,
    "legend.fontsize": 8.0,
    "legend.frameon": False,
    "figure.dpi": 100.0,
    "savefig.dpi": 160.0,
    # Names from a user's table may hold dollar signs.
    "text.parse_math": False,
    # The same picture gives the same file.
    "svg.hashsalt": "clustersim",
}
"""Settings of matplotlib, for use with ``matplotlib.rc_context(STYLE)``."""

FORMATS: Final[dict[str, dict[str, Any]]] = {
    ".png": {},
    ".svg": {"Date": None},
    ".pdf": {"CreationDate": None},
}
"""Kinds of file, each with the metadata left out so that the same picture gives the same file."""

WIDTH: Final = 7.2
"""Width of a picture on a page, inches."""

_PAD: Final = 0.06
"""Margin around everything that is drawn, inches."""

_LARGEST: Final = 60.0
"""Longest side of a picture, inches: more would be no picture but a memory error."""


def figure_size(
    width: float = WIDTH, *, ratio: float = 0.62, height: float | None = None
) -> tuple[float, float]:
    """Return the size of a figure.

    Parameters
    ----------
    width : float, inches
        Width; that of a page if not given.
    ratio : float
        Height over width, if no height is given.
    height : float, inches, optional
        Height.

    Returns
    -------
    width, height : float, inches
        Neither above 60.
    """
    tall = width * ratio if height is None else height
    return min(width, _LARGEST), min(tall, _LARGEST)


def checked_path(path: str | Path) -> Path:
    """Return the path of a picture after checking that its suffix is known.

    Raises
    ------
    ValueError
        If the suffix is not one of `FORMATS`.
    """
    target = Path(path)
    if target.suffix.lower() not in FORMATS:
        raise ValueError(
            f"{target}: pictures are written as {', '.join(FORMATS)}; "
            f"found the suffix {target.suffix!r}"
        )
    return target


def plain_ticks(axes: Axes) -> None:
    """Write the figures of both axes out, as 1,500,000, and not as a power of ten apart."""
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(lambda value, _: f"{value:,.10g}".replace("-", "−"))


def save(figure: Figure, path: str | Path) -> Path:
    """Write a figure to a file, PNG, SVG or PDF by its suffix.

    Parameters
    ----------
    figure : Figure
        The picture.
    path : path
        The file; one that is there is replaced.

    Returns
    -------
    Path

    Raises
    ------
    ValueError
        If the suffix is not one of `FORMATS`.
    """
    target = checked_path(path)
    with mpl.rc_context(STYLE):
        _settle(figure)
        # The whole of every text is in the picture, even where it leaves the figure.
        figure.savefig(
            target,
            metadata=FORMATS[target.suffix.lower()],
            bbox_inches="tight",
            pad_inches=_PAD,
        )
    return target


def _settle(figure: Figure) -> None:
    """Lay a figure out once and for all, at places rounded to a millionth of its size.

    The layout is solved with an error near 1e-13 that differs from call to call, and SVG files
    hold names made from all digits of a place.
    """
    figure.draw_without_rendering()
    figure.set_layout_engine("none")
    for axes in figure.axes:
        left, bottom, width, high = axes.get_position(original=True).bounds
        axes.set_position((round(left, 6), round(bottom, 6), round(width, 6), round(high, 6)))


def shortened(name: str, width: int) -> str:
    """Return a name in at most `width` signs: "and" as "&", then cut at a word, with "…"."""
    text = " ".join(name.split())
    for word in (" and ", " und "):
        text = text.replace(word, " & ")
    if len(text) <= width:
        return text
    cut = text[: width - 1]
    at_word = cut.rsplit(" ", 1)[0]
    kept = at_word if len(at_word) > width // 2 else cut
    return kept.rstrip(" ,;&") + "…"


def wrapped(name: str, width: int, lines: int = 2) -> str:
    """Return a name in at most `lines` lines of about `width` signs, shortened if need be.

    A single word is never broken; one that is up to half as long again stands in full.
    """
    longest = max(map(len, name.split()), default=0)
    width = max(width, min(longest, width * 3 // 2))
    broken = textwrap.wrap(shortened(name, width * lines), width, break_long_words=False)
    broken = [shortened(line, width) for line in broken]
    head, tail = broken[: lines - 1], broken[lines - 1 :]
    return "\n".join([*head, shortened(" ".join(tail), width)] if tail else head)


def fit(figure: Figure, text: Text, width: float) -> None:
    """Shorten a text until it is no wider than `width` pixels of its figure.

    Parameters
    ----------
    figure : Figure
        The picture that holds the text.
    text : Text
        What is shortened, word by word, then sign by sign, to three signs at least.
    width : float
        Pixels at the figure's own resolution.
    """
    renderer = renderer_of(figure)
    full = text.get_text()
    for signs in range(len(full), 2, -1):
        text.set_text(shortened(full, signs))
        if text.get_window_extent(renderer).width <= width:
            return


def renderer_of(figure: Figure) -> Any:
    """Return what measures the texts of a figure, in pixels."""
    canvas = figure.canvas
    if not isinstance(canvas, FigureCanvasAgg):
        canvas = FigureCanvasAgg(figure)
    return canvas.get_renderer()  # type: ignore[no-untyped-call]
