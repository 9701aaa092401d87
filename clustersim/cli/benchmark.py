"""Command ``benchmark``: the cluster organisations of a run side by side."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Annotated

import typer

from clustersim.cli import console
from clustersim.cli.options import Json


def benchmark(
    folder: Annotated[Path, typer.Argument(help="Folder of a stored run.")],
    *,
    year: Annotated[
        float | None, typer.Option("--year", help="Calendar year; the last of the run if left out.")
    ] = None,
    json: Json = False,
) -> None:
    """Compare the cluster organisations of a stored run.

    Members, their share of the firms in percent, money a year, and a rank in each of the five
    families of monitoring: collaboration, innovation, competitiveness, performance of firms, and
    the system. 100 is better than all comparable organisations in everything, 0 worse. Those of a
    sector are compared with each other if there are at least three of them, else with all. A rank
    is no effect: places and members differed before.
    """
    from clustersim.experiments.benchmarking import benchmark as compare
    from clustersim.measures.monitoring import Family

    found = compare(folder, year=year)
    if json:
        console.say_json(found.to_dict())
        return
    families = [family.name.lower() for family in Family]
    heading = (
        "organisation",
        "label",
        "members",
        "share",
        "euro each",
        "collab",
        "innov",
        "compet",
        "perform",
        "system",
        "among",
        "policy",
    )
    rows = [
        (
            one.name,
            one.label,
            f"{one.member_firms:,.0f}",
            _percent(one.member_share),
            "-" if math.isnan(one.money_per_member) else f"{one.money_per_member:,.0f}",
            *(_percent(one.ranks[family]) for family in families),
            one.compared_with or "all",
            one.policy or "-",
        )
        for one in found.organisations
    ]
    console.say(console.table(heading, rows, spare=("policy", "among"), keep=heading[:1]))
    console.say("\n" + found.words())


def _percent(share: float) -> str:
    return "-" if math.isnan(share) else f"{100.0 * share:.0f}"
