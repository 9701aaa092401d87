"""Options that several commands have, and how their text is read."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from clustersim.cli.console import BadInputError

if TYPE_CHECKING:
    from clustersim.experiments.comparison.money import Prices
    from clustersim.scenario.schema import TableSpec

Json = Annotated[
    bool, typer.Option("--json", help="One JSON document on standard output, nothing else.")
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress and no notes.")]
Workers = Annotated[
    int | None,
    typer.Option("--workers", min=1, help="Processes; as many as there are cores if left out."),
]
Parquet = Annotated[bool, typer.Option("--parquet", help="Tables as Parquet instead of CSV.")]
Force = Annotated[bool, typer.Option("--force", help="Replace what is there.")]
Year = Annotated[
    int | None, typer.Option("--year", help="Year of the table; the latest if left out.")
]
Columns = Annotated[
    list[str] | None,
    typer.Option(
        "--column",
        metavar="ROLE=HEADING",
        help="Heading of a column, as region=Land. Roles: region, sector, jobs, year, firms, x, y, "
        "area, population. May be repeated.",
    ),
]
TableFile = Annotated[
    Path | None,
    typer.Option("--table", help="Found the world from this table of employment (CSV, Parquet)."),
]
Values = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="NAME=VALUE",
        help="Another value of a parameter, as learning.tie_rate=0.2. May be repeated.",
    ),
]
Mechanisms = Annotated[
    list[str] | None,
    typer.Option(
        "--mechanism",
        metavar="FILE.py[:CLASS]",
        help="A mechanism of your own, which joins the end of the quarter. The file is executed. "
        "May be repeated.",
    ),
]
DiscountRate = Annotated[
    float | None,
    typer.Option("--discount-rate", min=0.0, max=1.0, help="A year [default: 0.03]."),
]
Co2Price = Annotated[
    float | None,
    typer.Option("--co2-price", min=0.0, help="Euro for a tonne of CO2 [default: 100]."),
]
ValueAdded = Annotated[
    float | None,
    typer.Option("--value-added", min=0.0, help="What a job adds, euro a year [default: 60000]."),
]
Deadweight = Annotated[
    float | None,
    typer.Option(
        "--deadweight", min=0.0, help="What a public euro costs beyond itself [default: 0]."
    ),
]
Willing = Annotated[
    float | None,
    typer.Option(
        "--willing", min=0.0, help="Euro one would pay for one more job [default: 50000]."
    ),
]


def prices_of(
    discount_rate: float | None,
    co2: float | None,
    value_added: float | None,
    deadweight: float | None,
    willing: float | None,
) -> Prices:
    """Return what effects are worth: what is given, else the usual.

    Raises
    ------
    BadInputError
        If an amount makes no sense.
    """
    from clustersim.experiments.comparison.money import Prices

    try:
        return Prices(
            **{
                name: value
                for name, value in {
                    "discount_rate": discount_rate,
                    "co2": co2,
                    "value_added": value_added,
                    "deadweight": deadweight,
                    "willing": willing,
                }.items()
                if value is not None
            }
        )
    except ValueError as error:
        raise BadInputError(str(error)) from None


def parse_pairs(option: str, pairs: Sequence[str] | None) -> dict[str, str]:
    """Read ``NAME=VALUE`` texts.

    Parameters
    ----------
    option
        Name of the option, for messages.
    pairs
        Texts.

    Returns
    -------
    dict
        In the order given.

    Raises
    ------
    BadInputError
        If a text has no ``=`` or no name, or a name is given twice.
    """
    result: dict[str, str] = {}
    for pair in pairs or ():
        name, sign, value = (part.strip() for part in pair.partition("="))
        if not sign or not name:
            raise BadInputError(f"{option} {pair!r}: expected NAME=VALUE")
        if name in result:
            raise BadInputError(f"{option}: {name!r} is given twice")
        result[name] = value
    return result


def given(**values: object) -> dict[str, object]:
    """Return the values that are not None."""
    return {name: value for name, value in values.items() if value is not None}


def table_spec(
    table: Path | None, column: Sequence[str] | None, year: int | None
) -> TableSpec | None:
    """Gather what ``--table``, ``--column`` and ``--year`` say; None without a table.

    Raises
    ------
    BadInputError
        If a column or a year is given without a table, or a role is unknown.
    """
    if table is None:
        if column or year is not None:
            raise BadInputError("--column and --year say how to read a table; name it by --table")
        return None
    from pydantic import ValidationError

    from clustersim.scenario.schema import TableSpec

    columns = parse_pairs("--column", column)
    try:
        return TableSpec.model_validate({"path": str(table), "year": year, "columns": columns})
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise BadInputError(f"--table {table}: {where}: {first['msg']}") from None


def check_new(path: Path, *, force: bool) -> None:
    """Refuse a file that could not be written, before any work is done.

    Raises
    ------
    BadInputError
        If it exists and `force` is not set, or its folder does not exist.
    """
    if path.is_dir() or (path.exists() and not force):
        raise BadInputError(f"{path} exists already; choose another name or use --force")
    if not path.absolute().parent.is_dir():
        raise BadInputError(f"{path}: there is no folder {path.absolute().parent}")


def make_folder(folder: Path, names: Sequence[str], *, force: bool) -> None:
    """Make a folder for some files, before any work is done.

    Raises
    ------
    BadInputError
        If one of the files exists and `force` is not set, or the folder can't be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadInputError(f"--out {folder}: {error.strerror}") from None
    for name in names:
        check_new(folder / name, force=force)


def check_picture(path: Path, *, force: bool) -> None:
    """Refuse a picture that could not be written, before any work is done.

    Raises
    ------
    BadInputError
        As `check_new`, or if it is no PNG, SVG or PDF.
    """
    from clustersim.plots.style import checked_path

    try:
        checked_path(path)
    except ValueError as error:
        raise BadInputError(str(error)) from None
    check_new(path, force=force)
