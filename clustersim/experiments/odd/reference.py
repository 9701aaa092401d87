"""What the code says of itself, as Markdown: mechanisms, columns, attributes, constants.

Everything here is read from docstrings, declarations and schemas, so that a new mechanism, column
or table appears by itself.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterable, Mapping, Sequence
from types import ModuleType
from typing import Any

from clustersim.mechanisms.base import Mechanism

TEXT = "```text"


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


def names(those: Sequence[str]) -> str:
    """Return names as code."""
    return ", ".join(f"`{name}`" for name in those) or "nothing"


def mechanism_text(mechanism: type[Mechanism]) -> str:
    """Return the docstring of a mechanism but for its first line."""
    return quoted((inspect.getdoc(mechanism) or "").partition("\n")[2])


def parameters(mechanism: type[Mechanism]) -> list[tuple[str, dict[str, Any]]]:
    """Return the parameters of a mechanism, each with its schema, as declared."""
    properties: dict[str, dict[str, Any]] = mechanism.model_json_schema()["properties"]
    return [
        (name, field) for name, field in properties.items() if name != "enabled" and "unit" in field
    ]


def uses(mechanism: type[Mechanism]) -> str:
    """Return what a mechanism reads and writes, as a sentence."""
    return f"Reads {names(mechanism.reads)}; writes {names(mechanism.writes)}."


def attributes(cls: type) -> list[tuple[str, str, str]]:
    """Return the annotated attributes of a class: name, type, and the text that follows each."""
    (body,) = ast.parse(inspect.cleandoc(inspect.getsource(cls))).body
    if not isinstance(body, ast.ClassDef):
        raise TypeError(f"{cls!r} is no class")
    return [
        (target, kind, text)
        for target, kind, text in _followed(body.body)
        if not target.startswith("_")
    ]


def constants(module: ModuleType) -> list[tuple[str, str, str]]:
    """Return the public constants of a module: name, value as written, and the text below."""
    source = inspect.getsource(module)
    found = []
    for target, value, text in _followed(ast.parse(source).body, values=True):
        if target.isupper() and not target.startswith("_"):
            found.append((target, value, text))
    return found


def _followed(body: Sequence[ast.stmt], *, values: bool = False) -> Iterable[tuple[str, str, str]]:
    """Yield assignments with their type or value and the string that follows, or "".

    Of several assignments in a row that share one text, each has it.
    """
    pending: list[tuple[str, str]] = []
    for statement in body:
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            shown = statement.value if values and statement.value else statement.annotation
            pending.append((statement.target.id, ast.unparse(shown)))
        elif isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
            pending.append((statement.targets[0].id, ast.unparse(statement.value)))
        else:
            text = ""
            if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
                text = str(statement.value.value)
            for name, kind in pending:
                yield name, kind, " ".join(text.split())
            pending = []
    for name, kind in pending:
        yield name, kind, ""


def functions(module: ModuleType) -> list[tuple[str, str]]:
    """Return the public functions of a module with their whole docstrings, as they stand in it."""
    found = []
    for statement in ast.parse(inspect.getsource(module)).body:
        if isinstance(statement, ast.FunctionDef) and not statement.name.startswith("_"):
            text = ast.get_docstring(statement) or ""
            found.append((statement.name, text.partition("\n\nParameters\n")[0]))
    return found


def columns(meanings: Mapping[str, str]) -> str:
    """Return the columns of a recorded table."""
    return table(("column", "meaning"), [(f"`{name}`", text) for name, text in meanings.items()])
