"""GraphML files: a graph to found a world from, and a world's graph for other programs.

GraphML holds no lists. Knowledge stands as ``knowledge_0``, ``knowledge_1``, ..., one number for
each technology field, as in the recorded table of actors.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from clustersim.scenario.problems import Problem, ScenarioError
from clustersim.scenario.resolved import ResolvedScenario
from clustersim.world.founding import found
from clustersim.world.graph import GraphError, found_from_graph
from clustersim.world.world import World

if TYPE_CHECKING:
    import networkx as nx

_IDENTITIES: Final = 2**63
_KNOWLEDGE: Final = re.compile(r"knowledge_(0|[1-9][0-9]{0,5})")


def found_scenario(resolved: ResolvedScenario, seed: int | None = None) -> World:
    """Found the world of a scenario: from its graph if it names one, else from its jobs.

    Institutions of which the graph has none are founded as the scenario says.

    Parameters
    ----------
    resolved
        The scenario.
    seed
        Seed instead of the scenario's, in [0, 2**63).

    Raises
    ------
    ScenarioError
        If the graph cannot be read or used: all that is wrong with it.
    ValueError
        If the seed is out of range.
    """
    seed = resolved.scenario.seed if seed is None else seed
    spec = resolved.scenario.world
    if resolved.graph_file is None:
        return found(spec, seed)
    try:
        return found_from_graph(read_graph(resolved.graph_file), spec, seed, complete=True)
    except GraphError as error:
        path = str(resolved.graph_file)
        problems = [
            Problem(path, None, None, text.removeprefix(f"{path}: ")) for text in error.problems
        ]
        raise ScenarioError(problems) from error


def read_graph(path: str | Path) -> nx.Graph:
    """Read a GraphML file for :func:`~clustersim.world.graph.found_from_graph`.

    A node whose name is a whole number in [0, 2**63) is labelled with that number, so that
    identities survive the way through a file; all others are labelled with their text.

    Parameters
    ----------
    path
        The file.

    Returns
    -------
    networkx.Graph
        Or one of its subclasses, as the file says.

    Raises
    ------
    GraphError
        If there is no such file, it is no GraphML, or a node's knowledge has gaps.
    """
    import networkx as nx

    path = Path(path)
    try:
        graph = nx.read_graphml(path)
    except OSError as error:
        raise GraphError([f"{path}: cannot be read ({error.strerror})"]) from error
    # What the parsers of XML raise is a SyntaxError.
    except (SyntaxError, nx.NetworkXError, ValueError, KeyError, TypeError) as error:
        reason = " ".join(str(error).split())
        msg = f"{path}: is no GraphML that networkx.read_graphml can read ({reason})"
        raise GraphError([msg]) from error
    problems: list[str] = []
    for label, data in graph.nodes(data=True):
        _gather_knowledge(f"{path}: node {label!r}: ", data, problems)
    if problems:
        raise GraphError(problems)
    return nx.relabel_nodes(graph, {label: _label(label) for label in graph}, copy=True)


def write_graph(graph: nx.Graph, path: str | Path) -> None:
    """Write a graph of actors as GraphML, for Gephi, Cytoscape and the like, or to read it again.

    Parameters
    ----------
    graph
        As :func:`~clustersim.world.graph.to_graph` or ``layer_graph`` return.
    path
        The file; it is replaced if it is there.

    Raises
    ------
    networkx.NetworkXError
        If an attribute other than `knowledge` is neither text, number nor truth value.
    OSError
        If the file cannot be written.
    """
    import networkx as nx

    flat = graph.copy()
    for _, data in flat.nodes(data=True):
        for m, level in enumerate(data.pop("knowledge", ())):
            data[f"knowledge_{m}"] = float(level)
    nx.write_graphml(flat, Path(path))


def _gather_knowledge(where: str, data: dict[str, Any], problems: list[str]) -> None:
    """Turn ``knowledge_0``, ``knowledge_1``, ... into the list ``knowledge``."""
    levels = _numbered(data)
    if not levels:
        return
    absent = [f"knowledge_{m}" for m in range(max(levels) + 1) if m not in levels]
    if absent:
        problems.append(
            f"{where}has no {absent[0]}, but knowledge_{max(levels)}; give both or neither"
        )
        return
    for m in levels:
        del data[f"knowledge_{m}"]
    data["knowledge"] = [levels[m] for m in sorted(levels)]


def _numbered(data: Mapping[str, Any]) -> dict[int, Any]:
    matches = ((_KNOWLEDGE.fullmatch(name), value) for name, value in data.items())
    return {int(match[1]): value for match, value in matches if match}


def _label(text: str) -> int | str:
    """Return the identity that a text spells, or the text."""
    short = len(text) <= len(str(_IDENTITIES)) and text.isascii() and text.isdecimal()
    number = int(text) if short else -1
    return number if str(number) == text and number < _IDENTITIES else text
