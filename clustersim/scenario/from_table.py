"""Turns a table of employment into the regions and sectors of a world."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from clustersim.scenario.files import PATH_REMEDY, inside
from clustersim.scenario.nodes import Map, Node, child, items, name_of, plain, tree
from clustersim.scenario.problems import Findings, Place, did_you_mean, shortened
from clustersim.scenario.schema import TableSpec
from clustersim.world.employment import EmploymentTable

REGION_FIGURES = ("x", "y", "area_km2", "population")


@dataclass(frozen=True)
class TableContent:
    """A table as the part of a scenario that it stands for.

    Parameters
    ----------
    root : Map
        Tree with `world.regions`, `world.sectors` and, if known, `world.start_year`.
    path : Path
        The file.
    place : Place
        What its values have as their origin.
    notes : tuple of str
        Choices made in reading.
    """

    root: Map
    path: Path
    place: Place
    notes: tuple[str, ...]


def table_spec(node: Node | None) -> TableSpec | None:
    """Return the specification of a table in a tree; None if there is none or it is invalid.

    An invalid one is not reported here: it is when the whole scenario is validated.
    """
    if not isinstance(node, Map):
        return None
    try:
        return TableSpec.model_validate(plain(node), strict=True)
    except ValidationError:
        return None


def safe_path(
    node: Node | None, given: str, folders: Mapping[str, Path], findings: Findings
) -> Path | None:
    """Return a file in the folder of the scenario file that names it; None after noting why not.

    Parameters
    ----------
    node : Node
        The value in the scenario file.
    given : str
        The path it holds.
    folders : mapping
        Folder of each scenario file by its name in messages.
    findings : Findings
        Where problems are noted.
    """
    place = node.place if node is not None else Place(given)
    folder = folders.get(place.path, Path())
    reason = inside(folder, given)
    if reason:
        findings.add(
            place, f"the path {shortened(given)} {reason}", "a file beside it", PATH_REMEDY
        )
        return None
    path = folder / given
    if not path.is_file():
        what = "is a folder" if path.is_dir() else "there is no such file"
        parent = path.parent
        others = [file.name for file in parent.iterdir()] if parent.is_dir() else []
        hint = did_you_mean(path.name, others)
        findings.add(place, f"{shortened(given)}: {what}", "a file beside it", hint)
        return None
    return path


def read_table(
    path: Path, spec: TableSpec, place: Place, findings: Findings
) -> TableContent | None:
    """Read a table; None after noting all its problems.

    Parameters
    ----------
    path : Path
        The file, which need not lie in the scenario's folder.
    spec : TableSpec
        How it is to be read; its path is not used.
    place : Place
        Where the table is named.
    findings : Findings
        Where problems are noted.
    """
    from clustersim.scenario.table import TableError, read_employment_table

    try:
        table = read_employment_table(
            path,
            columns={str(role): heading for role, heading in spec.columns.items()} or None,
            year=spec.year,
            encoding=spec.encoding,
            separator=spec.separator,
            decimal=spec.decimal,
        )
    except TableError as error:
        for problem in error.problems:
            column = f"column {problem.column!r}: " if problem.column else ""
            findings.add(Place(problem.path, problem.line), column + problem.message)
        return None
    except OSError as error:
        findings.add(place, f"{shortened(str(path))} cannot be read ({error.strerror})")
        return None
    year = "" if table.year is None else f" ({table.year})"
    origin = Place(f"table {path.name}{year}")
    node = tree({"world": table_world(table)}, origin)
    if not isinstance(node, Map):
        return None
    return TableContent(node, path, origin, table.notes)


def table_world(table: EmploymentTable) -> dict[str, object]:
    """Return what a table says as plain data of the section `world:`.

    Cells without jobs are left out, and so are figures that are zero or not known, as the world
    finds values of its own for them.
    """
    regions: list[dict[str, object]] = []
    figures = {name: getattr(table, name) for name in REGION_FIGURES}
    for row, name in enumerate(table.regions):
        region: dict[str, object] = {"name": name}
        for key, values in figures.items():
            if values is not None and (key in ("x", "y") or values[row] > 0):
                region[key] = float(values[row])
        region["jobs"] = _cells(table.sectors, table.jobs[row].tolist())
        if table.firms is not None:
            region["firms"] = _cells(table.sectors, table.firms[row].tolist())
        regions.append(region)
    world: dict[str, object] = {
        "sectors": [{"name": name} for name in table.sectors],
        "regions": regions,
    }
    if table.year is not None:
        world["start_year"] = table.year
    return world


def _cells(sectors: tuple[str, ...], values: list[float]) -> dict[str, float]:
    cells = zip(sectors, values, strict=True)
    return {sector: value for sector, value in cells if value > 0 and math.isfinite(value)}


def note_names_not_in_table(root: Map, content: TableContent, findings: Findings) -> None:
    """Note regions and sectors of a scenario file that the table it refines does not have."""
    for key in ("regions", "sectors"):
        known = {name_of(item) for item in items(child(content.root, "world", key))}
        names = [name for name in known if name is not None]
        for item in items(child(root, "world", key)):
            name = name_of(item)
            if name is not None and name not in known:
                node = child(item, "name")
                findings.add(
                    node.place if node is not None else item.place,
                    f"{content.place} has no {key[:-1]} {shortened(name)}",
                    f"one of its {len(names)} {key}",
                    did_you_mean(name, sorted(names)),
                )


def as_spec(table: TableSpec | Path | str) -> TableSpec:
    """Return a table given by a caller as a specification with its path."""
    return table if isinstance(table, TableSpec) else TableSpec(path=str(table))
