"""Files that people write beside scenarios: YAML checked against a model, errors with places."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from clustersim.scenario.nodes import Map, plain
from clustersim.scenario.problems import Findings, ScenarioError, did_you_mean
from clustersim.scenario.validate import locate
from clustersim.scenario.yaml_source import parse, read_text


class Part(BaseModel):
    """What all parts of such a file share: frozen, no key that is not known, finite numbers."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


M = TypeVar("M", bound=Part)


def read_document(path: str | Path, model: type[M]) -> tuple[M, Map]:
    """Read a YAML file as a model.

    Parameters
    ----------
    path
        The file.
    model
        What it must hold.

    Returns
    -------
    model and Map
        The content, and the tree it was read from, whose nodes know their places.

    Raises
    ------
    ScenarioError
        With all that is wrong, each with its place.
    """
    file, shown, findings = Path(path), str(path), Findings()
    text = read_text(file, shown, findings)
    document = parse(text, shown, findings) if text is not None else None
    findings.raise_if_any()
    if document is None:  # an empty file: its problem has been noted above
        raise ScenarioError(list(findings))
    try:
        return model.model_validate(plain(document.root)), document.root
    except ValidationError as error:
        for detail in error.errors(include_url=False, include_input=False):
            _, place, _ = locate(document.root, detail["loc"])
            name = ".".join(str(part) for part in detail["loc"])
            message = detail["msg"].removeprefix("Value error, ")
            hint = ""
            if detail["type"] == "extra_forbidden":
                message, hint = "unknown key", _nearest(model, detail["loc"])
            findings.add(place, f"{name}: {message[:1].lower()}{message[1:]}", hint=hint)
        order = sorted(findings, key=lambda found: (found.line or 0, found.column or 0))
        raise ScenarioError(order) from None


def _nearest(model: type[BaseModel], loc: tuple[int | str, ...]) -> str:
    """Return the nearest valid name of an unknown key at the top of a file."""
    return did_you_mean(str(loc[-1]), _keys(model)) if len(loc) == 1 else ""


def _keys(model: type[BaseModel]) -> list[str]:
    """Return what the keys of a file are called: a field may have another name than its key."""
    return [field.alias or name for name, field in model.model_fields.items()]
