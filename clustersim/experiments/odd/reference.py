"""What the code says of itself, as Markdown: mechanisms, columns, attributes, constants.

Everything here is read from docstrings, declarations and schemas, so that a new mechanism, column
or table appears by itself.
"""

from __future__ import annotations

import ast
import inspect
import sys
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from enum import IntEnum
from types import ModuleType
from typing import Any, Final

import clustersim.world as world_package
from clustersim.mechanisms.base import Mechanism
from clustersim.world import (
    actors,
    draws,
    founding,
    kernel,
    levers,
    spec,
    threads,
    ties,
    types,
    world,
)
from clustersim.world.draws import Draws

TEXT = "```text"

_SHOWN_ELSEWHERE: Final = (actors, draws, kernel, levers, spec, threads, ties, types, world)
"""Modules of the world whose content stands under entities, luck or values, or is no rule."""


def table(heading: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a Markdown table."""
    lines = [f"| {' | '.join(heading)} |", "|" + "---|" * len(heading)]
    lines += [f"| {' | '.join(_cell(cell) for cell in row)} |" for row in rows]
    return "\n".join(lines)


def _cell(value: object) -> str:
    return " ".join(str(value).replace("|", "\\|").split())


def quoted(text: str) -> str:
    """Return a docstring as a block that keeps its equations."""
    return f"{TEXT}\n{text.strip(chr(10))}\n```"


def headline(thing: Any) -> str:
    """Return the first line of a docstring, without its full stop."""
    return (inspect.getdoc(thing) or "").partition("\n")[0].rstrip(".")


def lowered(text: str) -> str:
    """Return a text that goes on a sentence: only its first letter is made small."""
    return text[:1].lower() + text[1:]


def names(those: Sequence[str]) -> str:
    """Return names as code."""
    return ", ".join(f"`{name}`" for name in those) or "nothing"


def mechanism_text(mechanism: type[Mechanism]) -> str:
    """Return the docstring of a mechanism but for its first line."""
    return quoted((inspect.getdoc(mechanism) or "").partition("\n")[2])


def parameters(mechanism: type[Mechanism]) -> list[tuple[str, dict[str, Any]]]:
    """Return the numeric parameters and switches of a mechanism, each with its schema."""
    properties: dict[str, dict[str, Any]] = mechanism.model_json_schema()["properties"]
    return [
        (name, field) for name, field in properties.items() if name != "enabled" and "unit" in field
    ]


def uses(mechanism: type[Mechanism]) -> str:
    """Return what a mechanism reads and writes, as a sentence."""
    return f"Reads {names(mechanism.reads)}; writes {names(mechanism.writes)}."


def attributes(cls: type) -> list[tuple[str, str, str]]:
    """Return the annotated attributes of a class: name, type, and the text that follows each."""
    (body,) = ast.parse(textwrap.dedent(inspect.getsource(cls))).body
    if not isinstance(body, ast.ClassDef):
        raise TypeError(f"{cls!r} is no class")
    return [
        (target, kind, text)
        for target, kind, text in _followed(body.body)
        if not target.startswith("_")
    ]


def constants(module: ModuleType, *, private: bool = False) -> list[tuple[str, str, str]]:
    """Return the constants of a module: name, value as written, and the text below.

    Parameters
    ----------
    module
        The module.
    private
        Whether also those that are private.
    """
    return [
        (target, value, text)
        for target, value, text in _followed(_tree(module).body, values=True, shared=True)
        if target.isupper() and (private or not target.startswith("_"))
    ]


def _tree(module: ModuleType) -> ast.Module:
    """Return a module as parsed; an empty one if its source is not at hand."""
    try:
        return ast.parse(inspect.getsource(module))
    except OSError:
        return ast.Module(body=[], type_ignores=[])


def _followed(
    body: Sequence[ast.stmt], *, values: bool = False, shared: bool = False
) -> Iterable[tuple[str, str, str]]:
    """Yield assignments with their type or value and the string that follows, or "".

    If it can be `shared`, all of the assignments in lines right above a text have it.
    """
    pending: list[tuple[str, str]] = []
    line = 0
    for statement in body:
        found = _assigned(statement, values=values)
        if found is None:
            text = ""
            if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
                text = " ".join(str(statement.value.value).split())
            for position, (name, kind) in enumerate(pending, start=1):
                yield name, kind, text if shared or position == len(pending) else ""
            pending = []
        else:
            if pending and not (shared and statement.lineno == line + 1):
                yield from ((name, kind, "") for name, kind in pending)
                pending = []
            pending.append(found)
        line = statement.end_lineno or 0
    yield from ((name, kind, "") for name, kind in pending)


def _assigned(statement: ast.stmt, *, values: bool) -> tuple[str, str] | None:
    """Return the name that a statement assigns to, with its type or value; None if it does not."""
    if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
        shown = statement.value if values and statement.value else statement.annotation
        return statement.target.id, ast.unparse(shown)
    if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
        return statement.targets[0].id, ast.unparse(statement.value)
    return None


def functions(module: ModuleType, *, private: bool = False) -> list[tuple[str, str]]:
    """Return the functions and methods of a module that have a docstring: call, and docstring.

    Methods of mechanisms are left out: the docstring of a mechanism is its whole rule.

    Parameters
    ----------
    module
        The module.
    private
        Whether also those that are private.
    """
    found: list[tuple[str, str]] = []
    for statement in _tree(module).body:
        if isinstance(statement, ast.FunctionDef):
            found += _function(statement, private=private)
        elif isinstance(statement, ast.ClassDef) and not _is_mechanism(module, statement.name):
            for inner in statement.body:
                if isinstance(inner, ast.FunctionDef):
                    found += _function(inner, f"{statement.name}.", private=private)
    return found


def _is_mechanism(module: ModuleType, name: str) -> bool:
    one = getattr(module, name, None)
    return isinstance(one, type) and issubclass(one, Mechanism)


def _function(node: ast.FunctionDef, owner: str = "", *, private: bool) -> list[tuple[str, str]]:
    text = ast.get_docstring(node)
    hidden = node.name.startswith("__") or (node.name.startswith("_") and not private)
    if not text or hidden or owner.startswith("_"):
        return []
    taken = [one.arg for one in (*node.args.args, *node.args.kwonlyargs)]
    if node.args.vararg:
        taken.append(f"*{node.args.vararg.arg}")
    given = [name for name in taken if name not in {"self", "cls"}]
    return [(f"{owner}{node.name}({', '.join(given)})", text)]


def classes(module: ModuleType) -> list[tuple[str, str]]:
    """Return the public classes of a module but its mechanisms, with their docstrings."""
    return [
        (name, inspect.getdoc(one) or "")
        for name, one in vars(module).items()
        if isinstance(one, type)
        and one.__module__ == module.__name__
        and not issubclass(one, Mechanism)
        and not name.startswith("_")
    ]


def definitions(listed: Sequence[tuple[str, str]]) -> str:
    """Return names with their docstrings below, all in one block."""
    texts = [f"{name}\n{textwrap.indent(text, '    ')}" for name, text in listed if text]
    return quoted("\n\n".join(texts)) if texts else ""


def enumerations(module: ModuleType) -> list[type[IntEnum]]:
    """Return the enumerations of a module."""
    return [
        one
        for one in vars(module).values()
        if isinstance(one, type) and issubclass(one, IntEnum) and one.__module__ == module.__name__
    ]


def decisions(module: ModuleType) -> list[str]:
    """Return the names of the decisions in which a module draws luck or gives identities."""
    found: dict[str, None] = {}
    for node in ast.walk(_tree(module)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            drawing = hasattr(Draws, node.func.attr) and node.args
            name = _name_of(node.args[0], module) if drawing else ""
            if "." in name:
                found.setdefault(name)
    return list(found)


def _name_of(node: ast.expr, module: ModuleType) -> str:
    """Return a text as written, or that of a constant; what is filled in stands in braces."""
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.Name):
        value = getattr(module, node.id, "")
        return value if isinstance(value, str) else ""
    if isinstance(node, ast.JoinedStr):
        return "".join(
            str(part.value)
            if isinstance(part, ast.Constant)
            else "{" + ast.unparse(part.value) + "}"
            for part in node.values
            if isinstance(part, ast.Constant | ast.FormattedValue)
        )
    return ""


def founding_modules() -> list[ModuleType]:
    """Return the modules of the world that found it: by a specification, or by luck."""
    return [one for one in _reached([founding]) if one is not draws and _founds(one)]


def _founds(module: ModuleType) -> bool:
    return any(
        isinstance(statement, ast.FunctionDef)
        and {"spec", "draws"} & {one.arg for one in statement.args.args}
        for statement in _tree(module).body
    )


def shared_modules(schedule: Sequence[type[Mechanism]]) -> list[ModuleType]:
    """Return the modules of the world with formulas that mechanisms, or the founding, use."""
    users = [module for one in schedule if (module := inspect.getmodule(one)) is not None]
    shown = {*founding_modules(), *_SHOWN_ELSEWHERE, *users}
    found = dict.fromkeys(_reached([founding, *users]))
    return sorted((one for one in found if one not in shown), key=lambda one: one.__name__)


def _reached(modules: Sequence[ModuleType]) -> list[ModuleType]:
    """Return modules with all modules of the world that they import, directly or not."""
    found: dict[ModuleType, None] = {}
    waiting = list(modules)
    while waiting:
        module = waiting.pop(0)
        if module not in found:
            found[module] = None
            waiting += _imported(module)
    return list(found)


def _imported(module: ModuleType) -> list[ModuleType]:
    wanted: dict[str, None] = {}
    for node in ast.walk(_tree(module)):
        if isinstance(node, ast.ImportFrom) and node.module == world_package.__name__:
            wanted.update(dict.fromkeys(f"{node.module}.{one.name}" for one in node.names))
        elif isinstance(node, ast.ImportFrom) and node.module:
            wanted.setdefault(node.module)
    prefix = f"{world_package.__name__}."
    return [sys.modules[name] for name in wanted if name.startswith(prefix)]


def columns(meanings: Mapping[str, str]) -> str:
    """Return the columns of a recorded table."""
    return table(("column", "meaning"), [(f"`{name}`", text) for name, text in meanings.items()])
