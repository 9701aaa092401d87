"""Which column of a file holds what: by the user's word, else by well-known headings."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence

from clustersim.scenario.table_errors import Findings, nearest, quoted

REQUIRED = ("region", "sector", "jobs")
"""Roles every table must have a column for."""

REGION_ROLES = ("x", "y", "area", "population")
"""Roles that describe a region and must agree on all rows of it."""

# Headings by role: a heading of an earlier group wins over one of a later group, two headings of
# the same group are ambiguous. They are compared in the form that `plain` gives.
_HEADINGS: dict[str, tuple[str, ...]] = {
    "region": (
        "region",
        "region_name regionname name_region region_label bundesland land kreis gebiet raum "
        "regierungsbezirk raumordnungsregion province county state area_name nuts_name itl_name "
        "itl2_name nuts2_name geography geography_name geo regio",
        "region_code regioncode nuts nuts2 nuts3 nuts_code itl itl2 itl_code ags",
    ),
    "sector": (
        "sector",
        "sector_name industry industry_name ind_name ind branche wirtschaftszweig sektor "
        "wirtschaftsbereich wirtschaftsabschnitt branch activity nace_name sic_name "
        "nace_r2_label",
        "sector_code industry_code ind_code nace nace_r2 nace_code sic sic_code wz wz08 wz_code",
    ),
    "jobs": (
        "jobs",
        "employment employees employed emp emp_all workers workforce persons_employed job_count "
        "headcount beschäftigte beschaeftigte erwerbstätige erwerbstaetige arbeitsplätze "
        "arbeitsplaetze svb anzahl_beschäftigte anzahl_beschaeftigte",
        "fte obs_value value wert",
    ),
    "year": ("year", "jahr time_period period berichtsjahr", "time date zeit"),
    "firms": (
        "firms",
        "n_firms firm_count enterprises companies businesses unternehmen firmen",
        "establishments estabs betriebe plants local_units",
    ),
    "x": ("x", "x_km xkm easting_km"),
    "y": ("y", "y_km ykm northing_km"),
    "area": (
        "area_km2",
        "area area_sqkm area_sq_km sqkm km2 surface_km2 fläche flaeche fläche_km2 flaeche_km2 "
        "fläche_qkm flaeche_qkm qkm",
    ),
    "population": (
        "population",
        "pop inhabitants residents bevölkerung bevoelkerung einwohner einwohnerzahl",
    ),
}

ROLES = tuple(_HEADINGS)
"""Every role a column can have; the keys of the argument `columns`."""

_MEANING = {
    "region": "the name of the region",
    "sector": "the name of the sector",
    "jobs": "the number of jobs",
}


def plain(heading: str) -> str:
    """Return a heading without case, accents and everything but letters and digits."""
    split = unicodedata.normalize("NFKD", heading).casefold()
    return "".join(sign for sign in split if sign.isalnum())


def find_columns(
    header: Sequence[str], columns: Mapping[str, str] | None, findings: Findings
) -> tuple[dict[str, int], list[str]]:
    """Find the column of each role.

    Parameters
    ----------
    header : sequence of str
        Headings of the file, in its order.
    columns : mapping of role to heading, optional
        The user's word; roles it does not name are found by well-known English and German
        headings. ``"area_km2"`` is accepted for ``"area"``.
    findings : Findings
        Receives unknown roles, headings not in the file, ambiguous and missing columns.

    Returns
    -------
    found : dict
        Position in `header` of the column of each role that has one.
    notes : list of str
        Columns that were taken by a heading other than the role's own name.
    """
    found: dict[str, int] = {}
    notes: list[str] = []
    named = {("area" if role == "area_km2" else role): name for role, name in _items(columns)}
    for role, heading in named.items():
        if role not in ROLES:
            findings.add(
                f"the column mapping names {role!r}, expected one of {quoted(ROLES)}."
                f"{nearest(str(role), ROLES)}"
            )
        else:
            _take_named(role, str(heading), header, findings, found)
    for role in ROLES:
        if role not in named:
            _take_known(role, header, findings, found, notes)
    return found, notes


def _items(columns: Mapping[str, str] | None) -> Sequence[tuple[str, str]]:
    return list(columns.items()) if columns else []


def _take_named(
    role: str, heading: str, header: Sequence[str], findings: Findings, found: dict[str, int]
) -> None:
    """Find the column the user named: exactly, else without regard to case and signs."""
    exact = [i for i, name in enumerate(header) if name == heading]
    matches = exact or [i for i, name in enumerate(header) if plain(name) == plain(heading)]
    if len(matches) == 1:
        other = next((known for known, at in found.items() if at == matches[0]), None)
        if other is not None:
            findings.add(
                f"is named for the roles {other!r} and {role!r}, expected a column for each",
                column=header[matches[0]],
            )
        else:
            found[role] = matches[0]
    elif matches:
        findings.add(
            f"{len(matches)} columns have this heading, expected one. "
            "Rename all but one of them in the file",
            column=heading,
        )
    else:
        findings.add(
            f"no column has this heading, named for the role {role!r}; "
            f"the file has {quoted(header)}.{nearest(heading, header)}",
            column=heading,
        )


def _take_known(
    role: str,
    header: Sequence[str],
    findings: Findings,
    found: dict[str, int],
    notes: list[str],
) -> None:
    """Find the column of a role by well-known headings, if exactly one has the best claim."""
    for rank, group in enumerate(_HEADINGS[role]):
        known = {plain(heading) for heading in group.split()}
        free = [i for i in range(len(header)) if i not in found.values()]
        matches = [i for i in free if plain(header[i]) in known]
        if len(matches) > 1:
            names = [header[i] for i in matches]
            if len(set(names)) == 1:
                findings.add(
                    f"{len(names)} columns have this heading, expected one with the {role}. "
                    "Rename all but one of them in the file",
                    column=names[0],
                )
                return
            findings.add(
                f"the columns {quoted(names)} could each be the {role}, expected one. "
                f"Say which with {_by_column(role)}, or rename the others in the file"
            )
            return
        if matches:
            found[role] = matches[0]
            if rank:
                notes.append(f"column {header[matches[0]]!r} is read as {role}")
            return
    if role in REQUIRED:
        findings.add(_missing(role, header))


def _missing(role: str, header: Sequence[str]) -> str:
    """Say that a required column is missing, what there is, and what to do."""
    headings = [heading for group in _HEADINGS[role] for heading in group.split()]
    by_likeness = (nearest(heading, header) for heading in headings)
    hint = next((text for text in by_likeness if text), "")
    text = (
        f"no column with {_MEANING[role]} ({role!r}); the file has {quoted(header)}.{hint} "
        f"Name the column with {_by_column(role)}"
    )
    if role == "jobs":
        text += ". A table has one row for each region and sector, not one column for each"
    return text


def _by_column(role: str) -> str:
    """Return how a column is named, on the command line and in Python."""
    return f"--column {role}=HEADING (in Python columns={{{role!r}: 'HEADING'}})"
