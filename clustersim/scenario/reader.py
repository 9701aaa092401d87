"""Reads a scenario: files, what they extend, tables and the command line, to one valid whole.

Priority, from low to high: defaults of the program, the programme of a policy, the scenario that is
extended, presets that the scenario names (:mod:`clustersim.scenario.evidence`), the scenario,
presets named on the command line, the command line. How one lies over another:
:mod:`clustersim.scenario.merge`. A table lies under the file that names it: its regions and sectors
replace those of extended files, and what the file says itself refines them. A table given by the
caller replaces those of all files.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from clustersim.mechanisms.base import Mechanism
from clustersim.scenario.cross import cross_check
from clustersim.scenario.evidence import EVIDENCE
from clustersim.scenario.files import Chain, locate, read_chain
from clustersim.scenario.from_table import (
    TableContent,
    as_spec,
    note_names_not_in_table,
    read_table,
    safe_path,
    table_spec,
)
from clustersim.scenario.merge import (
    merge,
    note_repeated_names,
    over_presets,
    take_replace,
    with_default_fields,
    without,
)
from clustersim.scenario.nodes import Entry, Map, Node, child, items, text_of, tree
from clustersim.scenario.overrides import Override, apply_overrides, read_overrides
from clustersim.scenario.problems import Findings, Place
from clustersim.scenario.programmes import PROGRAMME, with_programmes
from clustersim.scenario.resolved import ResolvedScenario, origin_of, trace
from clustersim.scenario.scale import scale_note
from clustersim.scenario.schema import (
    Scenario,
    Schedule,
    TableSpec,
    default_schedule,
    json_schema,
    parameters_of,
)
from clustersim.scenario.validate import Validator
from clustersim.scenario.yaml_source import Document

_FROM_TABLE = ("regions", "sectors")


def read_scenario(
    source: str | Path,
    *,
    overrides: Mapping[str, object] | None = None,
    table: TableSpec | Path | str | None = None,
    schedule: Schedule | None = None,
) -> ResolvedScenario:
    """Read a scenario file or a built-in scenario.

    Parameters
    ----------
    source : str or Path
        A file, or the name of a built-in scenario such as ``"base"``.
    overrides : mapping, optional
        Values by dotted name that win over the files, as `clustersim.scenario.overrides` explains.
        Text is read as on the command line: ``{"years": "10"}`` is a number.
    table : TableSpec or path, optional
        Table of employment to found the world from, instead of the regions and sectors of the
        files. It may lie anywhere, unlike a table that a scenario file names.
    schedule : sequence of Mechanism classes, optional
        Mechanisms in the order of the quarter, for mechanisms of your own; those of the package if
        left out.

    Returns
    -------
    ResolvedScenario

    Raises
    ------
    ScenarioError
        If anything is wrong: all problems together, each with file, line, column, what was
        expected and the remedy.
    """
    findings = Findings()
    path = locate(source, findings)
    findings.raise_if_any()
    chain = read_chain(path or Path(source), findings)
    return _Reader(chain, schedule, findings).resolve(overrides or {}, table)


def read_scenario_text(
    text: str,
    *,
    name: str = "scenario",
    folder: Path | None = None,
    overrides: Mapping[str, object] | None = None,
    table: TableSpec | Path | str | None = None,
    schedule: Schedule | None = None,
) -> ResolvedScenario:
    """Read a scenario from text, such as `ResolvedScenario.text`.

    Parameters
    ----------
    text : str
        What would stand in the file; of any length.
    name : str
        What the text is called in messages and origins.
    folder : Path, optional
        Where files that it names are looked for; the working directory if left out.
    overrides, table, schedule
        As for :func:`read_scenario`.

    Returns
    -------
    ResolvedScenario

    Raises
    ------
    ScenarioError
        As for :func:`read_scenario`.
    """
    findings = Findings()
    path = Path(name) if folder is None else folder / name
    chain = read_chain(path, findings, text=text)
    return _Reader(chain, schedule, findings).resolve(overrides or {}, table)


def read_scenario_data(
    data: Mapping[str, object],
    *,
    name: str = "scenario",
    folder: Path | None = None,
    schedule: Schedule | None = None,
) -> ResolvedScenario:
    """Read a scenario from plain data, such as `ResolvedScenario.data`.

    The same as `read_scenario_text` of the same content, without the time that YAML takes.

    Parameters
    ----------
    data : mapping
        What would stand in the file.
    name, folder, schedule
        As for :func:`read_scenario_text`.

    Returns
    -------
    ResolvedScenario

    Raises
    ------
    ScenarioError
        As for :func:`read_scenario`.
    """
    findings = Findings()
    path = Path(name) if folder is None else folder / name
    root = tree(data, Place(name))
    document = Document(root if isinstance(root, Map) else Map(Place(name)), complete=True)
    chain = read_chain(path, findings, document=document)
    return _Reader(chain, schedule, findings).resolve({}, None)


class _Reader:
    """Puts one scenario together."""

    def __init__(self, chain: Chain, schedule: Schedule | None, findings: Findings) -> None:
        self.schedule = tuple(default_schedule() if schedule is None else schedule)
        self.schema = _schema(self.schedule)
        self.findings = findings
        self.layers = chain.layers
        self.whole = chain.whole
        self.roots = [layer.root for layer in chain.layers if layer.root is not None]
        self.folders = {layer.shown: layer.path.parent for layer in chain.layers}
        self.validator = Validator(self.schedule, self.schema, findings)
        self.notes: list[str] = []

    def resolve(
        self, given: Mapping[str, object], table: TableSpec | Path | str | None
    ) -> ResolvedScenario:
        """Return the scenario, or raise all its problems."""
        order = [layer.shown for layer in self.layers]
        overrides = read_overrides(given, parameters_of(self.schedule), self.schema, self.findings)
        self.roots = [over_presets(root, self.findings) for root in self.roots]
        replaced = [take_replace(root, self.findings) for root in self.roots]
        for root in self.roots:
            note_repeated_names(root, self.findings)
            self.validator.scenario(root, partial=True)
        if not self.roots:
            self.findings.raise_if_any(order)
        content, level = self._table(overrides, table)
        root = self._merged(replaced, content, level)
        root = merge(root, self._presets_given(overrides, root.place))
        rest = [
            one
            for one in overrides
            if one.keys[:2] != ("world", "table") and one.keys[0] != EVIDENCE
        ]
        chosen = [one for one in rest if one.keys[0] == "policies" and one.keys[-1] == PROGRAMME]
        apply_overrides(root, chosen, self.validator.index, self.findings)
        root = with_programmes(root, self.findings)
        rest = [one for one in rest if one not in chosen]
        if any(one.keys[:2] == ("world", "fields") and one.keys[2:] for one in rest):
            root = with_default_fields(root)
        apply_overrides(root, rest, self.validator.index, self.findings)
        graph = self._graph(root)
        scenario = self.validator.scenario(root, partial=not self.whole)
        cross_check(root, self.findings, whole=self.whole)
        self.findings.raise_if_any(order)
        if scenario is None:  # nothing was noted, so a part must be missing that nobody noticed
            raise AssertionError("a scenario is invalid, but no problem was noted")
        return self._result(scenario, root, content, graph)

    def _table(
        self, overrides: list[Override], table: TableSpec | Path | str | None
    ) -> tuple[TableContent | None, int]:
        """Read the table, if there is one; tell which layer it lies under (-1: over all)."""
        section, level = self._table_section(table)
        apply_overrides(
            section,
            [one for one in overrides if one.keys[:2] == ("world", "table")],
            self.validator.index,
            self.findings,
        )
        node = child(section, "world", "table")
        if node is None:
            return None, level
        self.validator.scenario(section, partial=True)
        spec = table_spec(node)
        content = None
        if spec is not None:
            path: Path | None = Path(spec.path)
            if table is None:
                path = safe_path(child(node, "path"), spec.path, self.folders, self.findings)
            if path is not None:
                content = read_table(path, spec, node.place, self.findings)
        elif isinstance(node, Map) and "path" not in node.entries:
            self.findings.add(node.place, "'path' is missing", "the file of the table")
        self.whole = self.whole and content is not None
        return content, level

    def _table_section(self, table: TableSpec | Path | str | None) -> tuple[Map, int]:
        """Return a tree of `world.table` alone, and the layer that names the file."""
        if table is not None:
            spec = as_spec(table)
            place = Place(f"command line: --table {spec.path}")
            given = spec.model_dump(exclude_defaults=True)
            section = tree({"world": {"table": given}}, place)
            return (section if isinstance(section, Map) else Map(place)), -1
        merged = Map(Place("default"))
        level = 0
        for position in reversed(range(len(self.roots))):
            root = self.roots[position]
            node = child(root, "world", "table")
            if node is None:
                continue
            world = root.entries["world"]
            only = Map(world.value.place, {"table": Entry(node.place, node)})
            merged = merge(merged, Map(root.place, {"world": Entry(world.place, only)}))
            if child(node, "path") is not None:
                level = position
        return merged, level

    def _merged(
        self, replaced: list[tuple[str, ...]], content: TableContent | None, level: int
    ) -> Map:
        """Lay the files over each other, the table between them."""
        merged: Map | None = None
        for position in reversed(range(len(self.roots))):
            root = self.roots[position]
            if merged is not None:
                merged = without(merged, replaced[position])
                if child(root, "world", "fields") and "fields" not in replaced[position]:
                    merged = with_default_fields(merged)
            if content is not None and position == level:
                merged = self._over(merged, content)
            if content is not None and position <= level:
                note_names_not_in_table(root, content, self.findings)
            merged = root if merged is None else merge(merged, root)
        if merged is None:
            merged = Map(Place("default"))
        if content is not None and level < 0:
            merged = self._over(merged, content)
        return without(merged, ("table",))

    def _over(self, below: Map | None, content: TableContent) -> Map:
        """Lay a table over what is extended, of which it replaces regions and sectors."""
        if below is None:
            return content.root
        for key in _FROM_TABLE:
            count = len(items(child(below, "world", key)))
            if count:
                self.notes.append(f"{content.place} replaces the {count} {key} of the scenario")
        return merge(without(below, _FROM_TABLE), content.root)

    def _presets_given(self, overrides: list[Override], place: Place) -> Map:
        """Return a tree of the presets that are named on the command line."""
        given = Map(place)
        named = [one for one in overrides if one.keys[0] == EVIDENCE]
        apply_overrides(given, named, self.validator.index, self.findings)
        return over_presets(given, self.findings)

    def _graph(self, root: Map) -> Path | None:
        node: Node | None = child(root, "world", "graph", "path")
        given = text_of(node)
        if not given:
            return None
        return safe_path(node, given, self.folders, self.findings)

    def _result(
        self, scenario: Scenario, root: Map, content: TableContent | None, graph: Path | None
    ) -> ResolvedScenario:
        traced = list(trace(scenario, root))
        files = [layer.path for layer in self.layers]
        if content is not None:
            self.notes += [f"{content.path.name}: {note}" for note in content.notes]
            if origin_of(child(root, "world", "start_year")).kind == "table":
                year = scenario.world.start_year
                self.notes.append(f"the run starts in {year}, the year of the table")
            files.append(content.path)
        if graph is not None:
            files.append(graph)
        note = "" if graph is not None else scale_note(scenario.world)
        if note:
            self.notes.append(note)
        for mechanism in self.schedule:
            switch = f"{mechanism.name}.enabled"
            for section in mechanism.sections.values():
                if getattr(scenario, section) and scenario.parameters.get(switch) is False:
                    self.notes.append(f"the {section} have no effect, as `{switch}` is false")
        return ResolvedScenario(
            scenario=scenario,
            origins={path: origin for path, _, origin in traced},
            values={path: value for path, value, _ in traced},
            files=tuple(files),
            notes=tuple(self.notes),
            schedule=self.schedule,
            graph_file=graph,
        )


@lru_cache(maxsize=8)
def _schema(schedule: tuple[type[Mechanism], ...]) -> dict[str, Any]:
    return json_schema(schedule)
