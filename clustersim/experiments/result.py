"""What a run leaves: tables, what made them, and both as a folder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from clustersim.experiments import structure
from clustersim.experiments.summary import Summary, summarise
from clustersim.store import Tables, fingerprint, read_run, write_run

if TYPE_CHECKING:
    import pandas as pd

SCENARIO_FILE = "scenario.yaml"
"""Name of the resolved scenario in a folder of results."""


@dataclass(frozen=True, eq=False)
class RunResult:
    """Tables of one run and what made them.

    Attributes
    ----------
    tables
        Columns by table and name. ``clusters`` has one row per place (sector in a region) and
        record, ``economy`` one per record, ``sizes`` one per region, size class of firms and
        record, ``monitoring`` and ``organisations`` one per place and
        cluster organisation of each record, ``actors`` and ``ties`` the last moment, ``stages`` one
        row per year and cluster, ``transitions`` one per passage from stage to stage, ``regions``
        and ``sectors`` the names behind the indices.
    manifest
        What made the tables: scenario, seed, versions, machine, times; plain JSON.
    """

    tables: Tables
    manifest: dict[str, Any]

    def __repr__(self) -> str:
        """Return title, seed, years and the rows of each table."""
        scenario, seed = self.manifest["scenario"]["title"], self.manifest["seed"]
        rows = ", ".join(
            f"{name} {len(next(iter(table.values()), ()))}"
            for name, table in sorted(self.tables.items())
        )
        years = self.manifest["years"]
        length = f"{years:g} year" if years == 1 else f"{years:g} years"
        return f"<RunResult {scenario!r}, seed {seed}, {length}; {rows}>"

    @classmethod
    def load(cls, folder: str | Path) -> RunResult:
        """Read a result that was saved.

        Raises
        ------
        StoreError
            If the folder holds no whole run, or a table cannot be read.
        """
        stored = read_run(folder)
        return cls({name: stored.arrays(name) for name in stored.names}, stored.manifest)

    @property
    def regions(self) -> tuple[str, ...]:
        """Names of the regions, by index."""
        return tuple(str(name) for name in self.tables["regions"]["name"])

    @property
    def sectors(self) -> tuple[str, ...]:
        """Names of the sectors, by index."""
        return tuple(str(name) for name in self.tables["sectors"]["name"])

    @property
    def fields(self) -> tuple[str, ...]:
        """Names of the technology fields, by index."""
        return tuple(str(name) for name in self.tables["fields"]["name"])

    @property
    def fingerprint(self) -> str:
        """SHA-256 over all columns; the same only if every number is the same to the last bit."""
        return fingerprint(self.tables)

    @property
    def stages(self) -> pd.DataFrame:
        """Stage of every cluster in every year."""
        return self.frame("stages")

    @property
    def transitions(self) -> pd.DataFrame:
        """Passages of clusters from one stage to another, with cause and reason."""
        return self.frame("transitions")

    def frame(self, name: str) -> pd.DataFrame:
        """Return a table as a pandas DataFrame, with names instead of indices.

        Parameters
        ----------
        name
            Name of the table, such as ``"clusters"``.

        Returns
        -------
        DataFrame
            In the columns ``region``, ``sector`` and ``field`` an index of -1 ("none")
            becomes an empty text.

        Raises
        ------
        KeyError
            If there is no such table.
        """
        import pandas as pd

        if name not in self.tables:
            raise KeyError(f"no table {name!r}; there are {', '.join(sorted(self.tables))}")
        columns = dict(self.tables[name])
        named = (("region", "regions"), ("sector", "sectors"), ("field", "fields"))
        for column, table in named:
            if column in columns:
                names = getattr(self, table)
                # The index -1 takes the last entry.
                columns[column] = np.array([*names, ""], dtype=object)[columns[column]]
        return pd.DataFrame(columns)

    def summary(self) -> Summary:
        """Return the main facts: in words, as a table, and as a JSON-able dictionary."""
        return summarise(self.tables, self.manifest, self.regions, self.sectors)

    def region_structure(self) -> pd.DataFrame:
        """Return the structure of each region at the end; see `structure.region_structure`."""
        return structure.region_structure(self.tables, self.regions, self.sectors)

    def sector_structure(self) -> pd.DataFrame:
        """Return where each sector is at the end; see `structure.sector_structure`."""
        return structure.sector_structure(self.tables, self.regions, self.sectors)

    def network(self) -> dict[str, float]:
        """Return measures of the collaboration network; see `structure.network_structure`."""
        return structure.network_structure(self.tables)

    def save(self, folder: str | Path, *, force: bool = False) -> Path:
        """Write tables and manifest to a folder, whole or not at all.

        Parameters
        ----------
        folder
            Where to; its parents are made.
        force
            Replace a folder that holds a run and nothing else.

        Returns
        -------
        Path
            The folder, absolute.

        Raises
        ------
        StoreError
            If the folder exists and `force` is not set, or it cannot be written.
        """
        texts = {SCENARIO_FILE: self.manifest["scenario"]["text"]}
        return write_run(folder, self.tables, self.manifest, texts=texts, force=force)
