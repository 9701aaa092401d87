"""Command ``premium``: why jobs in clusters are more productive."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from clustersim.cli import console
from clustersim.cli.options import Force, Json, Quiet, Values, Workers, make_folder, parse_pairs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from clustersim.experiments.premium.classes import Group
    from clustersim.experiments.premium.study import Explained, Premium
    from clustersim.experiments.uncertainty import Estimate


def premium(  # noqa: PLR0913  # options of a command line
    scenario: Annotated[str, typer.Argument(help="Name or file of a scenario.")] = "base",
    *,
    seeds: Annotated[
        int | None, typer.Option("--seeds", min=1, help="How many seeds, from 1 on [default: 20].")
    ] = None,
    quick: Annotated[bool, typer.Option("--quick", help="Four seeds, in a few minutes.")] = False,
    set_: Values = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder for premium.json and premium.png.")
    ] = None,
    workers: Workers = None,
    force: Force = False,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Explain why jobs in clusters are more productive than others.

    Four causes are switched off in every combination, on the same luck: what the place makes of a
    firm, learning from neighbours and partners, selection by the market, and where new firms start.
    The part of each is the mean of what it adds over all orders of switching on (Shapley), so that
    the parts add up. A second table takes the premium of the full world apart by accounting.
    Points are percent of the productivity of all jobs. One seed takes sixteen runs.
    """
    from clustersim.experiments.premium.study import QUICK_SEEDS, SEEDS, explain

    if out is not None:
        make_folder(out, ("premium.json", "premium.png"), force=force)
    count = seeds or (QUICK_SEEDS if quick else SEEDS)
    with console.progress("explaining", quiet=quiet, unit="seeds") as show:
        found = explain(
            scenario,
            seeds=count,
            overrides=parse_pairs("--set", set_),
            workers=workers,
            progress=show,
        )
    if out is not None:
        from clustersim.plots.premium import draw

        console.write_json(out / "premium.json", found.to_dict())
        draw(found.to_dict(), out / "premium.png")
    if json:
        console.say_json(found.to_dict())
        return
    for title, text in _tables(found):
        console.say(f"{title}\n\n{text}\n")
    console.say(found.words())


def _tables(found: Premium) -> list[tuple[str, str]]:
    from clustersim.experiments.premium.worlds import BASE_MAP, OWN_MAP

    return [
        (
            "In three words, points (interval of 95 %):",
            _three(found.under(OWN_MAP)),
        ),
        (
            "By switching causes off, points (interval of 95 %); clusters found in each world:",
            _parts(found.under(OWN_MAP)),
        ),
        (
            "The same for the places that are clusters in the full world:",
            _parts(found.under(BASE_MAP)),
        ),
        (
            "What a cause adds when it alone is on / what is lost when it alone is off, points:",
            _alone_and_last(found.under(OWN_MAP)),
        ),
        ("By accounting, in the full world, points (interval of 95 %):", _items(found)),
    ]


def _parts(explained: Sequence[Explained]) -> str:
    from clustersim.experiments.premium.study import BASE_WORDS, REST, SECTOR_MIX
    from clustersim.experiments.premium.worlds import PARTS

    heading = ("cause", *(one.group.name for one in explained), "what it is")
    rows = [
        (part.name, *(_both(one.effects[i].part) for one in explained), part.words)
        for i, part in enumerate(PARTS)
    ]
    for name, of in ((SECTOR_MIX, "sector_mix"), (REST, "rest")):
        rows.append((name, *(_both(getattr(one, of)) for one in explained), BASE_WORDS[name]))
    rows.append(("= premium", *(_both(one.premium) for one in explained), "adds up exactly"))
    rows.append(("Europe", *(_europe(one.group) for one in explained), "European Panorama 2020"))
    return console.table(heading, rows, spare=("what it is",), keep=heading[1:-1])


def _three(explained: Sequence[Explained]) -> str:
    from clustersim.experiments.premium.study import THREE

    heading = ("explanation", *(one.group.name for one in explained), "sum of")
    rows = [
        (name, *(_both(one.three[name]) for one in explained), " + ".join(those))
        for name, those in THREE.items()
    ]
    return console.table(heading, rows, spare=("sum of",), keep=heading[1:-1])


def _alone_and_last(explained: Sequence[Explained]) -> str:
    from clustersim.experiments.premium.worlds import PARTS

    heading = ("cause", *(one.group.name for one in explained))
    rows = []
    for i, part in enumerate(PARTS):
        effects = [one.effects[i] for one in explained]
        cells = [f"{_points(one.alone.value)} / {_points(one.last.value)}" for one in effects]
        rows.append((part.name, *cells))
    return console.table(heading, rows)


def _items(found: Premium) -> str:
    from clustersim.experiments.premium.accounting import ITEM_WORDS, ITEMS

    heading = ("item", *(one.group.name for one in found.accounted), "what it is")
    rows = [
        (name, *(_both(one.items[k]) for one in found.accounted), ITEM_WORDS[name])
        for k, name in enumerate(ITEMS)
    ]
    rows.append(("= premium", *(_both(one.premium) for one in found.accounted), "adds up exactly"))
    return console.table(heading, rows, spare=("what it is",), keep=heading[1:-1])


def _both(estimate: Estimate) -> str:
    text = _points(estimate.value)
    if math.isnan(estimate.low):
        return text
    return f"{text} ({_points(estimate.low)} to {_points(estimate.high)})"


def _points(share: float) -> str:
    return "-" if math.isnan(share) else f"{100.0 * share:.1f}"


def _europe(group: Group) -> str:
    low, high = (f"{100.0 * end:.0f}" for end in (group.low, group.high))
    return low if low == high else f"{low} to {high}"
