"""A plan in a store, and back: what stands in the manifest and in the design."""

from __future__ import annotations

import json
import math
import zlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import numpy as np

from clustersim.experiments.provenance import environment
from clustersim.experiments.sweep.plan import Cell, Plan
from clustersim.experiments.sweep.study import Study
from clustersim.scenario.yaml_text import yaml_text
from clustersim.store import StoredRuns, StoreError, create_runs
from clustersim.store.columns import Table

STUDY_FILE: Final = "study.yaml"
VALUE: Final = "set:"
SHARE: Final = "share:"
"""What columns of the design begin with that hold values of the study, and shares of ranges."""


def create(folder: str | Path, plan: Plan) -> Path:
    """Make a store for a plan, with none of its runs in it yet.

    Raises
    ------
    StoreError
        As `create_runs`.
    """
    study = plan.study.model_dump(mode="json", exclude_defaults=True)
    manifest = {
        "title": plan.study.title,
        "question": plan.study.question,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "study": study,
        "cells": len(plan.cells),
        "seeds": list(plan.seeds),
        "tables": list(plan.tables),
        "mechanisms": [dict(one) for one in plan.mechanisms],
        "scenarios": [dict(one) for one in plan.described],
        "fingerprint": plan.fingerprint,
        **environment(),
    }
    return create_runs(folder, manifest, design(plan), {STUDY_FILE: yaml_text(study)})


def design(plan: Plan) -> Table:
    """Return the cells of a plan as a table, a row for each."""
    cells = plan.cells
    out: dict[str, Any] = {
        "cell": np.array([one.number for one in cells], dtype=np.int64),
        "scenario": _texts([one.scenario for one in cells]),
        "title": _texts([one.title for one in cells]),
        "role": _texts([one.role for one in cells]),
        "option": np.array([one.option for one in cells], dtype=np.int64),
        "point": np.array([one.point for one in cells], dtype=np.int64),
        "against": np.array([one.against for one in cells], dtype=np.int64),
        "calm": np.array([one.calm for one in cells], dtype=np.int64),
        "digest": _texts([one.digest for one in cells]),
    }
    for before, of in ((VALUE, "values"), (SHARE, "shares")):
        maps: list[Mapping[str, Any]] = [getattr(one, of) for one in cells]
        for name in dict.fromkeys(name for one in maps for name in one):
            out[f"{before}{name}"] = _column([one.get(name) for one in maps])
    out["data"] = _texts(
        [json.dumps({"data": one.data, "folder": one.folder, "graph": one.graph}) for one in cells]
    )
    return out


def _texts(values: Sequence[str]) -> np.ndarray[Any, Any]:
    return np.array(values, dtype=object)


def _column(values: Sequence[Any]) -> np.ndarray[Any, Any]:
    """Return values as numbers, NaN where there is none, or else as JSON."""
    if all(
        isinstance(one, int | float) and not isinstance(one, bool)
        for one in values
        if one is not None
    ):
        return np.array([np.nan if one is None else float(one) for one in values])
    return _texts(
        ["" if one is None else one if isinstance(one, str) else json.dumps(one) for one in values]
    )


def plan_of(stored: StoredRuns) -> Plan:
    """Return the plan that a store was made for, with the seeds that it has now.

    Raises
    ------
    StoreError
        If the design is not that of the manifest.
    """
    manifest = stored.manifest
    frame, contents = stored.design, stored.content()
    values = [name for name in frame.columns if name.startswith(VALUE)]
    shares = [name for name in frame.columns if name.startswith(SHARE)]
    cells = []
    for row, content in zip(frame.to_dict(orient="records"), contents, strict=True):
        found = json.loads(content)
        cells.append(
            Cell(
                number=int(row["cell"]),
                scenario=row["scenario"],
                title=row["title"],
                role=row["role"],
                option=int(row["option"]),
                point=int(row["point"]),
                values={name.removeprefix(VALUE): row[name] for name in values if _is(row[name])},
                shares={name.removeprefix(SHARE): row[name] for name in shares if _is(row[name])},
                against=int(row["against"]),
                calm=int(row["calm"]),
                content=zlib.compress(json.dumps(found["data"]).encode()),
                folder=found["folder"],
                graph=found["graph"],
            )
        )
    plan = Plan(
        study=Study.model_validate(manifest["study"]),
        cells=tuple(cells),
        seeds=tuple(manifest["seeds"]),
        mechanisms=tuple(manifest["mechanisms"]),
        described=tuple(manifest["scenarios"]),
    )
    if plan.fingerprint != manifest["fingerprint"]:
        raise StoreError(
            f"{stored.folder}: the design is not the one that the sweep was begun with; restore "
            "manifest.json and design.parquet from a copy, or start anew in another folder"
        )
    return plan


def _is(value: Any) -> bool:
    return value != "" and not (isinstance(value, float) and math.isnan(value))
