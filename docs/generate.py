"""Write ``docs/mechanisms.md`` from the docstrings and parameters of the schedule.

Run ``python docs/generate.py`` after a change to a mechanism; a test compares the file.
"""

from __future__ import annotations

import inspect
from pathlib import Path

from clustersim.mechanisms.base import Mechanism
from clustersim.recorder import CLUSTERS, ECONOMY, PROJECTS
from clustersim.schedule import SCHEDULE
from clustersim.world.actors import COLUMNS
from clustersim.world.ties import LAYERS

FOLDER = Path(__file__).parent

INTRODUCTION = """# The quarter, mechanism by mechanism

Made from the code by `python docs/generate.py`; do not edit. One step is a quarter (dt = 0.25
years); the mechanisms work in this order, and each sees what those before it have left. Within one
mechanism all actors decide on the state at its start. Parameters are set in a scenario under `set:`
as `mechanism.parameter`; every mechanism also has `enabled`.
"""


def section(number: int, mechanism: type[Mechanism]) -> str:
    """Return the section of one mechanism: its docstring and its parameters."""
    text = inspect.getdoc(mechanism) or ""
    head, _, body = text.partition("\n")
    lines = [f"## {number}. `{mechanism.name}`: {head.rstrip('.').lower()}", "", "```text"]
    lines += [body.strip("\n"), "```", ""]
    lines += ["| parameter | default | from | to | unit | meaning | source |"]
    lines += ["|---|---|---|---|---|---|---|"]
    properties = mechanism.model_json_schema()["properties"]
    for name, field in properties.items():
        if name == "enabled" or "unit" not in field:
            continue
        bounds = f"{field.get('minimum', '')} | {field.get('maximum', '')}"
        lines.append(
            f"| `{name}` | {field['default']} | {bounds} | {field['unit']} "
            f"| {field['description']} | {field['source']} |"
        )
    if lines[-1].startswith("|---"):
        lines[-2:] = ["No numeric parameters."]
    lines += ["", f"Reads {_names(mechanism.reads)}; writes {_names(mechanism.writes)}."]
    return "\n".join(lines)


def _names(names: tuple[str, ...]) -> str:
    return ", ".join(f"`{name}`" for name in names) or "nothing"


def mechanisms() -> str:
    """Return the text of ``mechanisms.md``."""
    sections = [section(number, one) for number, one in enumerate(SCHEDULE, start=1)]
    return "\n\n".join([INTRODUCTION.strip(), *sections]) + "\n"


def tables() -> str:
    """Return the text of ``tables.md``."""
    parts = [
        "# The tables of a run\n\nMade from the code by `python docs/generate.py`; do not edit. "
        "The tables `regions`, `sectors` and `fields`\nhold the names behind the indices; "
        "`RunResult.frame` puts them in place."
    ]
    for name, columns, row in (
        ("clusters", CLUSTERS, "one row for each local industry (region and sector) and record"),
        ("economy", ECONOMY, "one row for each record"),
        ("projects", PROJECTS, "one row for each project, ended or running, simulated"),
    ):
        rows = "\n".join(f"| `{column}` | {meaning} |" for column, meaning in columns.items())
        parts.append(f"## `{name}`: {row}\n\n| column | meaning |\n|---|---|\n{rows}")
    rows = "\n".join(
        f"| `{column.name}` | {column.unit} | {column.meaning} |"
        for column in COLUMNS
        if column.name not in {"alive", "orders"}
    )
    parts.append(
        "## `actors`: everybody at the end\n\n| column | unit | meaning |\n|---|---|---|\n"
        f"{rows}\n| `knowledge_0`, `knowledge_1`, ... | frontier | knowledge of each field |"
    )
    rows = "\n".join(f"| `{layer}` | {meaning} |" for layer, meaning in LAYERS.items())
    parts.append(
        "## `ties`: all ties at the end\n\n`layer`, identities `first` and `second`, `trust` "
        f"(0 to 1), `km`, `born` (quarter). Layers:\n\n| layer | meaning |\n|---|---|\n{rows}"
    )
    parts.append(
        "## `stages` and `transitions`: the life of the clusters\n\nA local industry is followed "
        "as a cluster if cluster mapping finds it one for five years in a row. `stages` has\none "
        "row per year and cluster: `stage` by the year in which it began, `seen` as it could be "
        "told at the time,\n`is_cluster`, `jobs`, `smoothed_jobs` and `growth` (log difference "
        "per year). `transitions` has one row per\npassage: `year` in which it began, the year "
        "in which it was `seen`, stages `before` and `after`, `cause` and\n`reason`. How stages "
        "are told apart is in the docstring of `clustersim.measures.lifecycle.stages`."
    )
    return "\n\n".join(parts) + "\n"


PAGES = {"mechanisms.md": mechanisms, "tables.md": tables}

if __name__ == "__main__":
    for name, page in PAGES.items():
        (FOLDER / name).write_text(page(), encoding="utf-8")
