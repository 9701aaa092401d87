"""A table of jobs by region and sector: the statistics from which a world can be founded.

The table is what a statistical office publishes and what cluster mapping looks at. It knows
nothing of files; :mod:`clustersim.scenario.table` reads one from CSV or Parquet.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from clustersim.world.types import Floats


@dataclass(frozen=True, eq=False)
class EmploymentTable:
    """Jobs by region and sector in one year.

    Arrays are copied, turned into float64 and made read-only, so that a table can be shared.

    Parameters
    ----------
    regions : tuple of str, length R
        Names of the regions, all different and none empty.
    sectors : tuple of str, length S
        Names of the sectors, all different and none empty.
    jobs : array, shape (R, S), jobs
        Jobs in each local industry; 0 where the statistics have no figure.
    firms : array, shape (R, S), firms, optional
        Firms in each local industry; nan where not given.
    x, y : array, shape (R,), km, optional
        Position of each region on a plane; either both or neither.
    area_km2 : array, shape (R,), km2, optional
        Area of each region.
    population : array, shape (R,), persons, optional
        Inhabitants of each region.
    year : int, optional
        Year the figures stand for.
    missing : int
        Number of cells for which the statistics have no figure (they hold 0 in `jobs`).
    notes : tuple of str
        What a reader of the table should know: choices made when it was read.

    Raises
    ------
    ValueError
        If a name is empty or repeated, an array has the wrong shape, a number is negative or not
        finite (`x` and `y` may be negative; `firms` may be nan), only one of `x` and `y` is
        given, or `missing` lies outside 0..R*S.
    """

    regions: tuple[str, ...]
    sectors: tuple[str, ...]
    jobs: Floats
    firms: Floats | None = None
    x: Floats | None = None
    y: Floats | None = None
    area_km2: Floats | None = None
    population: Floats | None = None
    year: int | None = None
    missing: int = 0
    notes: tuple[str, ...] = field(default=())

    def __post_init__(self) -> None:
        """Check and freeze every field."""
        for name in ("regions", "sectors"):
            object.__setattr__(self, name, _names(name, getattr(self, name)))
        object.__setattr__(self, "notes", tuple(self.notes))
        cells, places = (self.n_regions, self.n_sectors), (self.n_regions,)
        _freeze(self, "jobs", cells, required=True)
        _freeze(self, "firms", cells, gaps=True)
        _freeze(self, "x", places, signed=True)
        _freeze(self, "y", places, signed=True)
        _freeze(self, "area_km2", places)
        _freeze(self, "population", places)
        if (self.x is None) != (self.y is None):
            raise ValueError("EmploymentTable: give both x and y (km), or neither")
        if not 0 <= self.missing <= self.jobs.size:
            raise ValueError(
                f"EmploymentTable.missing: {self.missing} absent cells, "
                f"but the table has {self.jobs.size} cells"
            )

    @property
    def n_regions(self) -> int:
        """Number of regions R."""
        return len(self.regions)

    @property
    def n_sectors(self) -> int:
        """Number of sectors S."""
        return len(self.sectors)

    @property
    def total_jobs(self) -> float:
        """Jobs in the whole table."""
        return float(self.jobs.sum())

    @property
    def region_jobs(self) -> Floats:
        """Jobs of each region over all sectors, shape (R,)."""
        return np.asarray(self.jobs.sum(axis=1), dtype=np.float64)

    @property
    def sector_jobs(self) -> Floats:
        """Jobs of each sector over all regions, shape (S,)."""
        return np.asarray(self.jobs.sum(axis=0), dtype=np.float64)


def _names(what: str, names: Iterable[object]) -> tuple[str, ...]:
    """Return names as a tuple after checking that none is empty or repeated."""
    result: dict[str, None] = {}
    for position, name in enumerate(names):
        if not isinstance(name, str) or not name.strip():
            raise ValueError(f"EmploymentTable.{what}[{position}]: {name!r} is not a name")
        if name in result:
            raise ValueError(f"EmploymentTable.{what}: {name!r} occurs more than once")
        result[name] = None
    if not result:
        raise ValueError(f"EmploymentTable.{what}: none given, at least one is needed")
    return tuple(result)


def _freeze(
    table: EmploymentTable,
    name: str,
    shape: tuple[int, ...],
    *,
    required: bool = False,
    signed: bool = False,
    gaps: bool = False,
) -> None:
    """Replace one array field by a checked, read-only float64 copy of itself."""
    given: ArrayLike | None = getattr(table, name)
    where = f"EmploymentTable.{name}"
    if given is None:
        if required:
            raise ValueError(f"{where}: None, expected an array of shape {shape}")
        return
    try:
        array = np.array(given, dtype=np.float64)
    except (TypeError, ValueError):
        raise ValueError(f"{where}: cannot be read as an array of numbers") from None
    if array.shape != shape:
        raise ValueError(f"{where}: shape {array.shape}, expected {shape}")
    wrong = np.isinf(array) | (np.isnan(array) & (not gaps))
    if not signed:
        wrong |= array < 0
    if wrong.any():
        place = tuple(int(i) for i in np.argwhere(wrong)[0])
        expected = "finite numbers" if signed else "finite numbers of 0 or more"
        raise ValueError(f"{where}[{place}]: {array[place]}, expected {expected}")
    array.setflags(write=False)
    object.__setattr__(table, name, array)
