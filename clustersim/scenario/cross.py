"""Checks that look at several values of a scenario together.

They work on the tree, not on the finished scenario, so that a wrong type in one place does not
hide a wrong name in another; what has the wrong type is passed over here.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Collection, Iterator
from typing import Final, TypeAlias

from clustersim.mechanisms.base import Mechanism
from clustersim.mechanisms.collaboration import Collaboration
from clustersim.mechanisms.entry import Entry as Founding
from clustersim.mechanisms.relocation import Relocation
from clustersim.scenario.cross_policies import (
    AUTHORITIES,
    Frame,
    check_policies,
    number_of_authorities,
)
from clustersim.scenario.firm_sizes import mean_firm_size
from clustersim.scenario.nodes import (
    Entry,
    Items,
    Map,
    Node,
    Scalar,
    child,
    entries,
    items,
    name_of,
    number_of,
    text_of,
)
from clustersim.scenario.problems import Findings, Place, did_you_mean, listed, shortened
from clustersim.scenario.schema import Scenario
from clustersim.world.spec import DEFAULT_FIELDS, FirmSizeSpec, FounderSpec, WorldSpec

_Value: TypeAlias = tuple[str, Node | None, float]
"""Name of a value, its node where it is given, and its default."""

MOST_FIRMS: Final = 5_000_000
"""Simulated firms at the start that a run may have; more do not fit into memory."""

MOST_SCALE: Final = 1_000_000
"""Largest `employment_scale`."""


def cross_check(root: Map, findings: Findings, *, whole: bool = True) -> None:
    """Note everything in a merged tree that does not fit together.

    Parameters
    ----------
    root : Map
        The merged tree of all files, table and command line.
    findings : Findings
        Where problems are noted.
    whole : bool
        False if a part could not be read; what needs the whole is then not checked.
    """
    _Check(root, findings, whole).run()


class _Check:
    def __init__(self, root: Map, findings: Findings, whole: bool) -> None:
        self.root, self.findings, self.whole = root, findings, whole
        self.world = child(root, "world")
        self.regions = items(child(self.world, "regions"))
        self.sectors = items(child(self.world, "sectors"))
        fields = child(self.world, "fields")
        self.region_names = _names(self.regions)
        self.sector_names = _names(self.sectors)
        self.field_names = (
            {field.name for field in DEFAULT_FIELDS} if fields is None else _names(items(fields))
        )
        self.has_graph = child(self.world, "graph") is not None

    def run(self) -> None:
        """Make every check."""
        if self.whole:
            self._presence()
            self._size_of_world()
        for region in self.regions:
            self._region(region)
        for sector in self.sectors:
            self._sector(sector)
        self._firm_sizes()
        self._ranges()
        self._shares()
        self._texts()
        self._shocks()
        self._policies()

    def _presence(self) -> None:
        """Regions, sectors and jobs must come from somewhere."""
        if self.has_graph or (self.world is not None and not isinstance(self.world, Map)):
            return
        place = self._place_of("world")
        for key, found in (("regions", self.regions), ("sectors", self.sectors)):
            node = child(self.world, key)
            if not found and (_absent(node) or isinstance(node, Items)):
                self.findings.add(
                    place, f"the world has no {key}", f"`{key}:` or a `table:` under `world:`"
                )
        total = sum(number for region in self.regions for _, number in _cells(region, "jobs"))
        if self.regions and total <= 0 and not self._broken_jobs():
            self.findings.add(
                place,
                "employment is missing altogether: no region has jobs",
                "`jobs: {sector: number}` in the regions, or a `table:`",
            )

    def _broken_jobs(self) -> bool:
        """Whether some number of jobs is no valid number, which is reported elsewhere."""
        return any(
            not isinstance(jobs, Map)
            or any(_is_no_count(entry.value) for _, entry in entries(jobs))
            for jobs in (child(region, "jobs") for region in self.regions)
            if jobs is not None
        )

    def _region(self, region: Node) -> None:
        for key in ("jobs", "firms", "cluster_organisations"):
            self._known(child(region, key), self.sector_names, "sector")
        for one, other in (("x", "y"), ("y", "x")):
            node = child(region, one)
            if node is not None and number_of(node) is not None and _absent(child(region, other)):
                self.findings.add(
                    node.place,
                    f"a position needs both x and y: {other!r} is missing",
                    "both or neither",
                )

    def _sector(self, sector: Node) -> None:
        inputs = child(sector, "inputs")
        self._known(inputs, self.sector_names, "sector")
        total = sum(number for _, number in _cells(sector, "inputs"))
        if inputs is not None and total >= 1:
            self.findings.add(
                inputs.place,
                f"the input coefficients of {shortened(name_of(sector) or '')} sum to {total:.6g}",
                "a sum below 1",
                "some of the output must be left for wages",
            )
        self._paradigms(items(child(sector, "paradigms")))

    def _paradigms(self, paradigms: list[Node]) -> None:
        last = -math.inf
        for position, paradigm in enumerate(paradigms):
            self._known(child(paradigm, "weights"), self.field_names, "field")
            node = child(paradigm, "year")
            year = number_of(node)
            if position == 0 and year is not None and node is not None:
                self.findings.add(
                    node.place, "the first paradigm rules from the start", "no `year`", "delete it"
                )
            elif position > 0 and node is None and isinstance(paradigm, Map):
                self.findings.add(
                    paradigm.place, "'year' is missing", "a year for all paradigms but the first"
                )
            elif position > 0 and year is not None and node is not None:
                if year <= last:
                    self.findings.add(
                        node.place,
                        f"the paradigms are not in the order of their years: {year:g} after "
                        f"{last:g}",
                        f"a year after {last:g}",
                    )
                last = max(last, year)

    def _firm_sizes(self) -> None:
        smallest, largest = self._firm_size("smallest"), self._firm_size("largest")
        node = child(self.world, "firm_size", "smallest")
        node = child(self.world, "firm_size", "largest") if node is None else node
        if node is None or smallest is None or largest is None or smallest < largest:
            return
        self.findings.add(
            node.place,
            f"the smallest firm has {smallest:g} jobs, the largest {largest:g}",
            "smallest below largest",
        )

    def _firm_size(self, key: str) -> float | None:
        default = FirmSizeSpec.model_fields[key].default
        return _number(child(self.world, "firm_size", key), default)

    def _ranges(self) -> None:
        """Compare the ends of ranges: the lower must not lie above the upper."""
        founders = child(self.world, "founders")
        fields = FounderSpec.model_fields
        low, high = (
            (f"world.founders.{key}", child(founders, key), float(fields[key].default))
            for key in ("knowledge_low", "knowledge_high")
        )
        self._range(low, high, strict=False)
        for mechanism, least, most, strict in (
            (Founding, "smallest", "largest", True),
            (Founding, "knowledge_low", "knowledge_high", False),
            (Relocation, "smallest", "largest", True),
        ):
            self._range(
                self._parameter(mechanism, least), self._parameter(mechanism, most), strict=strict
            )

    def _range(self, low: _Value, high: _Value, *, strict: bool) -> None:
        node = low[1] if low[1] is not None else high[1]
        least, most = _number(low[1], low[2]), _number(high[1], high[2])
        if node is None or least is None or most is None:
            return
        if least > most or (strict and least == most):
            words = "below" if strict else "of at most"
            self.findings.add(
                node.place,
                f"`{low[0]}` is {least:g}, `{high[0]}` is {most:g}",
                f"`{low[0]}` {words} {most:g}",
                f"lower `{low[0]}` or raise `{high[0]}`",
            )

    def _shares(self) -> None:
        """Chances of which at most one comes true must not sum to more than 1."""
        for mechanism, fields in (
            (Collaboration, ("closure", "milieu", "region")),
            (Founding, ("own", "related")),
        ):
            values = [self._parameter(mechanism, field) for field in fields]
            nodes = [node for _, node, _ in values if node is not None]
            numbers = [_number(node, default) for _, node, default in values]
            total = math.fsum(number for number in numbers if number is not None)
            if nodes and None not in numbers and total > 1 + 1e-9:
                names = " + ".join(f"`{name}`" for name, _, _ in values)
                self.findings.add(
                    nodes[0].place, f"{names} is {total:.6g}", "a sum of at most 1", "lower one"
                )

    def _parameter(self, mechanism: type[Mechanism], field: str) -> _Value:
        name = f"{mechanism.name}.{field}"
        default = float(mechanism.model_fields[field].default)
        return name, child(self.root, "set", name), default

    def _texts(self) -> None:
        """Titles and names stand in one line, without signs that steer a terminal."""
        named = [*self.regions, *self.sectors, *items(child(self.world, "fields"))]
        for node in [child(self.root, "title"), *(child(one, "name") for one in named)]:
            text = text_of(node) or ""
            sign = next((s for s in text if unicodedata.category(s) == "Cc"), None)
            # The end of a block of text is no mistake worth a word; within it a break is.
            if node is not None and sign is not None and text.rstrip("\n") != _clean(text):
                self.findings.add(
                    node.place,
                    f"the control character U+{ord(sign):04X} in {shortened(text)}",
                    "text in one line",
                    "delete it",
                )

    def _shocks(self) -> None:
        default = float(WorldSpec.model_fields["start_year"].default)
        start = _number(child(self.world, "start_year"), default)
        years = _number(child(self.root, "years"), float(Scenario.model_fields["years"].default))
        for shock in items(child(self.root, "shocks")):
            self._known(child(shock, "weights"), self.field_names, "field")
            self._known(child(shock, "severity"), self.sector_names, "sector")
            for region in items(child(shock, "hardest")):
                if name := text_of(region):
                    self._name(name, region.place, self.region_names, "region")
            for key, names in (("region", self.region_names), ("sector", self.sector_names)):
                node = child(shock, key)
                name = text_of(node)
                if node is not None and name is not None:
                    self._name(name, node.place, names, key)
            node = child(shock, "year")
            year = number_of(node)
            if node is None or year is None or start is None or years is None or not self.whole:
                continue
            if not start <= year < start + years:
                self.findings.add(
                    node.place,
                    f"the shock of {year:g} lies outside of the run",
                    f"a year from {start:g} to before {start + years:g}",
                )

    def _policies(self) -> None:
        default = float(WorldSpec.model_fields["start_year"].default)
        start = _number(child(self.world, "start_year"), default)
        years = _number(child(self.root, "years"), float(Scenario.model_fields["years"].default))
        known = self.whole and not self.has_graph
        none = {
            name for name in AUTHORITIES if known and number_of_authorities(self.world, name) == 0
        }
        frame = Frame(
            regions=self.region_names if known else (),
            sectors=self.sector_names if known else (),
            fields=self.field_names,
            start=start if self.whole else None,
            end=None if start is None or years is None else start + years,
            missing=none,
        )
        check_policies(self.root, frame, self.findings)

    def _size_of_world(self) -> None:
        node = child(self.world, "employment_scale")
        scale = _number(node, 1.0) or 0.0
        smallest, largest = self._firm_size("smallest") or 0.0, self._firm_size("largest") or 0.0
        tail = self._firm_size("tail") or 0.0
        if scale < 1 or tail <= 0 or not 0 < smallest < largest:
            return  # reported as a wrong type or size already
        firms = _real_firms(self.regions, mean_firm_size(smallest, largest, tail)) / scale
        if firms > MOST_FIRMS:
            wanted = _round_up(min(firms * scale / MOST_FIRMS, 1e15))
            self.findings.add(
                node.place if node is not None else self._place_of("world"),
                f"the world is too large: about {firms:,.0f} simulated firms",
                f"at most {MOST_FIRMS:,}",
                f"set `employment_scale: {wanted}` or more under `world:`"
                if wanted <= MOST_SCALE
                else "check the numbers of jobs",
            )

    def _known(self, node: Node | None, names: Collection[str], what: str) -> None:
        for key, entry in entries(node):
            self._name(key, entry.place, names, what)

    def _name(self, name: str, place: Place, names: Collection[str], what: str) -> None:
        # With no names at all that is the mistake, reported once; a graph may bring its own.
        if name in names or not names or self.has_graph or not self.whole:
            return
        self.findings.add(
            place,
            f"there is no {what} {shortened(name)}",
            f"one of {listed(sorted(names))}",
            did_you_mean(name, sorted(names)),
        )

    def _place_of(self, key: str) -> Place:
        entry: Entry | None = self.root.entries.get(key)
        return self.root.place if entry is None else entry.place


def _clean(text: str) -> str:
    return "".join(sign for sign in text if unicodedata.category(sign) != "Cc")


def _real_firms(regions: list[Node], mean_size: float) -> float:
    """Return the real firms at the start: those given, and jobs over the mean size elsewhere."""
    total = 0.0
    for region in regions:
        known = {key: number for key, number in _cells(region, "firms") if number > 0}
        for sector, jobs in _cells(region, "jobs"):
            total += known.get(sector, jobs / mean_size)
    return total


def _names(nodes: list[Node]) -> set[str]:
    return {name for name in map(name_of, nodes) if name is not None}


def _cells(node: Node, key: str) -> Iterator[tuple[str, float]]:
    for name, entry in entries(child(node, key)):
        number = number_of(entry.value)
        if number is not None:
            yield name, number


def _number(node: Node | None, default: float) -> float | None:
    """Return a number of the tree, the default where there is none, None where it is no number."""
    return default if node is None else number_of(node)


def _is_no_count(node: Node) -> bool:
    number = number_of(node)
    return number is None or number < 0


def _absent(node: Node | None) -> bool:
    return node is None or (isinstance(node, Scalar) and node.value is None)


def _round_up(value: float) -> int:
    """Return the next number of the series 1, 2, 5, 10, 20, 50 ..."""
    power = int(10.0 ** math.floor(math.log10(max(value, 1.0))))
    return next(step * power for step in (1, 2, 5, 10) if step * power >= value)
