"""What a visitor takes home: data, figure, and the scenario file that repeats the run."""

from __future__ import annotations

import csv
import io
import math
import threading
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from clustersim.app.running import Running
from clustersim.app.session import Session
from clustersim.recorder import CLUSTERS
from clustersim.store.files import arrow_table

_DRAWING = threading.Lock()
"""Matplotlib keeps its settings for the whole process."""
_README: Final = """\
Data of a run of clustersim, {year:g}.

scenario.yaml repeats the run, number for number: clustersim run scenario.yaml
this_world/ and, of two worlds, other_world/ hold one Parquet file for each table.
clusters: one row for each local industry and record; economy: one for each record; stages and
transitions: the life cycle; actors and ties: who is there now; ledger: public money.
region, sector and field are numbers; their names are in the tables regions, sectors and fields.
"""


@dataclass(frozen=True)
class Download:
    """A file that can be taken home.

    Attributes
    ----------
    label
        On the button.
    filename, mime
        Of the file.
    make
        Makes its content.
    """

    label: str
    filename: str
    mime: str
    make: Callable[[Session], bytes]


def places_csv(session: Session) -> bytes:
    """Return one row for each local industry and record, with names, for a spreadsheet."""
    text = io.StringIO()
    columns = [name for name in CLUSTERS if name not in ("region", "sector")]
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["world", "region", "sector", *columns])
    for world, running in _worlds(session):
        table = running.tables["clusters"]
        regions, sectors = running.world.regions.names, running.world.sectors.names
        values = zip(*(table[name].tolist() for name in columns), strict=True)
        where = zip(table["region"].tolist(), table["sector"].tolist(), strict=True)
        for (region, sector), row in zip(where, values, strict=True):
            shown = ["" if isinstance(one, float) and math.isnan(one) else one for one in row]
            writer.writerow([world, regions[region], sectors[sector], *shown])
    # Spreadsheets take the mark at the beginning for UTF-8.
    return text.getvalue().encode("utf-8-sig")


def tables_zip(session: Session) -> bytes:
    """Return all tables as Parquet, with the scenario file, in one archive."""
    import pyarrow.parquet as pq

    out = io.BytesIO()
    with session.lock, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for world, running in _worlds(session):
            for name, table in sorted(running.tables.items()):
                part = io.BytesIO()
                pq.write_table(arrow_table(table), part)
                archive.writestr(f"{world}_world/{name}.parquet", part.getvalue())
        year = session.main.year if session.main is not None else 0.0
        archive.writestr("scenario.yaml", session.scenario_text())
        archive.writestr("README.txt", _README.format(year=year))
    return out.getvalue()


def scenario_file(session: Session) -> bytes:
    """Return the scenario with all settings and shocks."""
    return session.scenario_text().encode("utf-8")


def figure(session: Session, suffix: str) -> bytes:
    """Return the life of the main clusters as a picture, as the command line draws it.

    Parameters
    ----------
    session
        The session.
    suffix
        ``".png"`` or ``".svg"``.

    Raises
    ------
    ValueError
        If the world was put away.
    """
    from clustersim.plots.lifecycle import draw

    with session.lock:
        main = session.main
        if main is None:
            raise ValueError("the world was put away: begin anew, and run it")
        stages, marks = main.tables["stages"], main.marks()
        scenario = main.resolved.scenario
        names = main.world.regions.names, main.world.sectors.names
    with _DRAWING, TemporaryDirectory() as folder:
        title = f"{scenario.title or session.scenario}, seed {scenario.seed}"
        path = draw(stages, *names, Path(folder) / f"life{suffix}", marks=marks, title=title)
        return path.read_bytes()


def _worlds(session: Session) -> list[tuple[str, Running]]:
    with session.lock:
        worlds = (("this", session.main), ("other", session.other))
        return [(name, running) for name, running in worlds if running is not None]


DOWNLOADS: Final = (
    Download("Scenario file", "scenario.yaml", "application/yaml", scenario_file),
    Download("Table (CSV)", "places.csv", "text/csv", places_csv),
    Download("All tables (Parquet)", "clustersim.zip", "application/zip", tables_zip),
    Download("Figure (PNG)", "life_cycles.png", "image/png", lambda one: figure(one, ".png")),
    Download("Figure (SVG)", "life_cycles.svg", "image/svg+xml", lambda one: figure(one, ".svg")),
)
"""The files, in their order on the page."""
