"""Writes a scenario to start from, with comments that say what can be changed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from clustersim.scenario.firm_sizes import mean_firm_size
from clustersim.scenario.from_table import table_world
from clustersim.scenario.schema import (
    SCHEMA_VERSION,
    Schedule,
    TableSpec,
    default_schedule,
    json_schema,
)
from clustersim.scenario.words import bounds
from clustersim.scenario.yaml_text import scalar, yaml_text
from clustersim.world.employment import EmploymentTable
from clustersim.world.spec import FirmSizeSpec

_COMFORTABLE_FIRMS = 20_000
"""Simulated firms with which a run takes seconds; the starter's scale aims at no more."""

_SCALES = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000)


def starter_text(
    table: EmploymentTable | None = None,
    *,
    spec: TableSpec | None = None,
    title: str = "",
    schedule: Schedule | None = None,
) -> str:
    """Return the text of a commented scenario to start from.

    Parameters
    ----------
    table : EmploymentTable, optional
        Jobs by region and sector to found the world from; without one the scenario extends
        ``base``.
    spec : TableSpec, optional
        Where the table is: the scenario then names the file, which must lie in the scenario's
        folder. Without it the jobs are written into the scenario.
    title : str
        What the scenario is called.
    schedule : sequence of Mechanism classes, optional
        The mechanisms whose parameters are listed; those of the package if left out.

    Returns
    -------
    str
        A valid scenario; the world of it is that of the table, or of ``base``.
    """
    head = title or ("My region" if table is not None else "My scenario")
    lines = [
        "# A scenario for clustersim. `clustersim check FILE` finds mistakes in it,",
        "# `clustersim describe FILE` explains every value, `clustersim run FILE` runs it.",
        f"schema_version: {SCHEMA_VERSION}",
    ]
    if table is None:
        lines.append("extends: base  # what is not said here is taken from this scenario")
    lines += [
        f"title: {scalar(head)}",
        "about: |",
        "  What the scenario shows, and what it leaves out.",
        'question: ""',
        "seed: 1           # another seed is other luck",
        "years: 60         # a multiple of 0.25",
        "record_every: 4   # quarters; 4 is once a year",
        "",
    ]
    lines += _base_world() if table is None else _table_world(table, spec)
    lines += ["", *_parameters(schedule or default_schedule()), "", *_shocks()]
    return "\n".join(lines) + "\n"


def write_starter(path: Path, text: str) -> None:
    """Write a new file.

    Raises
    ------
    FileExistsError
        If there is a file already; it is left as it is.
    """
    with path.open("x", encoding="utf-8", newline="\n") as file:
        file.write(text)


def _base_world() -> list[str]:
    return [
        "# Regions, sectors and technology fields of the extended scenario are changed by name:",
        "# world:",
        "#   regions:",
        "#     - {name: a region of base, universities: 2}",
        "# `replace: [regions]` under `world:` drops all inherited regions first.",
    ]


def _table_world(table: EmploymentTable, spec: TableSpec | None) -> list[str]:
    lines = ["world:"]
    if table.year is None:
        lines.append("  start_year: 2000")
    lines += [
        f"  employment_scale: {suggested_scale(table)}  "
        "# real jobs that one simulated job stands for; larger is faster",
    ]
    world = table_world(table)
    if spec is not None:
        data = spec.model_dump(mode="json", exclude_defaults=True)
        if table.year is not None:
            data["year"] = table.year
        lines += [f"  {line}" for line in yaml_text({"table": data}).splitlines()]
        lines += [
            "  # What is written here refines the regions and sectors of the table, by name:",
            "  # regions:",
            f"  #   - {{name: {scalar(table.regions[0])}, universities: 2, cost_level: 1.1}}",
            "  # sectors:",
            f"  #   - {{name: {scalar(table.sectors[0])}, demand_growth: 0.01, export_share: 0.4}}",
        ]
    else:
        lines += [f"  {line}" for line in yaml_text(world).splitlines()]
    return lines


def suggested_scale(table: EmploymentTable) -> int:
    """Return an `employment_scale` with which a run takes seconds rather than hours.

    The smallest of 1, 2, 5, 10 ... 10,000 that leaves at most 20,000 simulated firms, for firms
    of the default size.
    """
    sizes = FirmSizeSpec()
    firms = table.total_jobs / mean_firm_size(sizes.smallest, sizes.largest, sizes.tail)
    fitting = (scale for scale in _SCALES if firms / scale <= _COMFORTABLE_FIRMS)
    return next(fitting, _SCALES[-1])


def _parameters(schedule: Schedule) -> Iterator[str]:
    yield "# Parameters of the mechanisms: take away the # of a line to change its value."
    yield "set:"
    for name, field in json_schema(schedule)["properties"]["set"]["properties"].items():
        default = field.get("default")
        unit = "" if field.get("unit", "-") == "-" else field["unit"]
        about = ", ".join(filter(None, (bounds(field), unit)))
        meaning = " ".join(str(field.get("description", "")).split())
        line = f"  # {name}: {scalar(default)}"
        yield f"{line}  # {meaning}" + (f" ({about})" if about else "")


def _shocks() -> list[str]:
    return [
        "# What befalls the economy from outside:",
        "shocks:",
        "  # - {kind: demand, year: 2008.75, depth: 0.2, recovery: 1.5}",
        "  # - {kind: anchor_exit, year: 2010, region: a region, sector: a sector}",
        "  # - {kind: supply_outage, rate: 0.05, depth: 0.3, length: 0.5}",
        "  # - {kind: pandemic, year: 2020.25}",
        "# What public policy does:",
        "policies:",
        "  # - name: networks",
        "  #   year: 2010",
        "  #   budget: 1e6",
        "  #   measures: [{action: firm_networks}]",
    ]
