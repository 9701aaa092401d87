"""Write the pages that are made from the code: mechanisms, tables, shocks, the ODD protocol.

Run ``python docs/generate.py`` after a change to a docstring, parameter or table; a test compares
the files.
"""

from __future__ import annotations

import inspect
import json
from pathlib import Path
from typing import Any, get_args

from clustersim.experiments.actions.verdicts import words
from clustersim.experiments.odd import reference
from clustersim.experiments.odd.protocol import odd
from clustersim.experiments.outcomes import PAIRED, WHOLE
from clustersim.experiments.sweep.study import (
    CHOOSABLE,
    KEPT,
    Alternative,
    Exploration,
    Factor,
    Goal,
    Optimisation,
    Replications,
    Study,
    study_schema,
)
from clustersim.measures.monitoring import Family
from clustersim.measures.resilience import resilience
from clustersim.mechanisms.base import Mechanism
from clustersim.monitoring import COMPARED, IN_CLUSTERS, INDICATORS, MONITORING, ORGANISATIONS
from clustersim.policies.actions import BY_NAME, GROUPS, PROGRAMME, Action
from clustersim.policies.programmes import PROGRAMMES
from clustersim.recorder import CLUSTERS, ECONOMY, LEDGER, PROJECTS, SIZE_CLASSES, SIZES
from clustersim.scenario.builtin import builtin_scenarios
from clustersim.scenario.evidence import ADDITIONALITY, LEFT_OUT, PRESETS
from clustersim.scenario.reader import read_scenario
from clustersim.scenario.schema import json_schema
from clustersim.schedule import SCHEDULE
from clustersim.world.actors import COLUMNS
from clustersim.world.levers import LEVERS
from clustersim.world.policy import (
    BudgetFrom,
    Governance,
    Identification,
    Measure,
    Policy,
    Politics,
    Rules,
)
from clustersim.world.shock import Shock
from clustersim.world.ties import LAYERS

FOLDER = Path(__file__).parent
EFFECTS = FOLDER.parent / "experiments" / "actions" / "effects.json"
CASES = FOLDER.parent / "experiments" / "cases" / "effects.json"
TRIED = FOLDER.parent / "experiments" / "programmes" / "effects.json"
SCORECARD = FOLDER.parent / "experiments" / "validation" / "scorecard.json"

LARGE = 2**30
"""Bounds beyond are there for the computer, not for people."""
INTRODUCTION = """# The quarter, mechanism by mechanism

Made from the code by `python docs/generate.py`; do not edit. One step is a quarter (dt = 0.25
years); the mechanisms work in this order, and each sees what those before it have left. Within one
mechanism all actors decide on the state at its start. Parameters are set in a scenario under `set:`
as `mechanism.parameter`; every mechanism also has `enabled`.
"""


def section(number: int, mechanism: type[Mechanism]) -> str:
    """Return the section of one mechanism: its docstring and its parameters."""
    rows = [
        (
            f"`{name}`",
            field["default"],
            field.get("minimum", ""),
            field.get("maximum", ""),
            field["unit"],
            field["description"],
            field["source"],
        )
        for name, field in reference.parameters(mechanism)
    ]
    heading = ("parameter", "default", "from", "to", "unit", "meaning", "source")
    return "\n\n".join(
        [
            f"## {number}. `{mechanism.name}`: {reference.lowered(reference.headline(mechanism))}",
            reference.mechanism_text(mechanism),
            reference.table(heading, rows) if rows else "No numeric parameters.",
            reference.uses(mechanism),
        ]
    )


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
        ("sizes", SIZES, "one row for each region, size class of firms and record"),
        ("monitoring", MONITORING, "one row for each place with firms and record"),
        ("organisations", ORGANISATIONS, "one row for each cluster organisation and record"),
        ("projects", PROJECTS, "one row for each project, ended or running, simulated"),
        ("ledger", LEDGER, "one row for each payment of public policy, if there is any"),
    ):
        rows = "\n".join(f"| `{column}` | {meaning} |" for column, meaning in columns.items())
        parts.append(f"## `{name}`: {row}\n\n| column | meaning |\n|---|---|\n{rows}")
        if name == "sizes":
            limits = ", ".join(f"`{size}` from {least:g}" for size, least in SIZE_CLASSES.items())
            parts[-1] += (
                f"\n\nSizes are jobs of a firm: {limits}, as those of headcount in Commission "
                "Recommendation 2003/361/EC."
            )
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
    parts.append(_families())
    return "\n\n".join(parts) + "\n"


def _families() -> str:
    """Return which indicator belongs to which family of monitoring."""
    rows = [
        (
            family.value,
            "direct" if family.direct else "indirect",
            ", ".join(f"`{name}`" for name in INDICATORS[family]),
            ", ".join(f"`{name}`" for name in IN_CLUSTERS[family]),
            ", ".join(f"`{name}_members`, `{name}_others`" for name in COMPARED[family]),
        )
        for family in Family
    ]
    heading = ("family", "effect", "in `monitoring`", "in `clusters`", "in `organisations`")
    return (
        "## Families of indicators\n\nThe five families of monitoring (Morisson & Pattinson 2021, "
        "chapter 2). What members and others of a place differ\nby is no effect of membership: see "
        f"[monitoring.md](monitoring.md).\n\n{reference.table(heading, rows)}"
    )


def shocks() -> str:
    """Return the text of ``shocks.md``."""
    definitions = json_schema()["$defs"]
    parts = [
        "# Shocks\n\nMade from the code by `python docs/generate.py`; do not edit. A scenario "
        "lists shocks under `shocks:`, each with\nits `kind`, and a `year` in which it strikes or "
        "a `rate` (strikes a year) at which it strikes at random times.\n`enabled: false` switches "
        "one off. `clustersim resilience` compares a run with the same run without each of them."
    ]
    for kind in get_args(get_args(Shock)[0]):
        fields = definitions[kind.__name__]["properties"]
        head, _, body = (inspect.getdoc(kind) or "").partition("\n")
        name = fields["kind"]["const"]
        lines = [f"## `{name}`", "", head, *body.splitlines(), ""]
        lines += ["| field | default | from | to | unit | meaning |", "|---|---|---|---|---|---|"]
        for field, schema in fields.items():
            if field not in {"kind", "year", "rate", "enabled"}:
                lines.append(_field(field, schema, field in definitions[kind.__name__]["required"]))
        parts.append("\n".join(lines))
    measured = (inspect.getdoc(resilience) or "").partition("\n\nParameters\n")[0]
    parts.append(
        "## How resilience is measured\n\n`clustersim resilience` takes the mean course of jobs "
        "over seeds, with and without one shock, on the same luck.\n\n```text\n"
        f"{measured}\n```"
    )
    return "\n\n".join(parts) + "\n"


def protocol() -> str:
    """Return the text of ``odd.md``."""
    return odd(read_scenario("base"))


def scorecard() -> str:
    """Return the text of ``scorecard.md``, from the stored result of ``clustersim validate``."""
    card = json.loads(SCORECARD.read_text(encoding="utf-8"))
    facts = [
        (
            one["id"],
            one["use"],
            one["title"],
            _figure(one["target"]),
            f"{_figure(one['low'])} to {_figure(one['high'])}",
            _figure(one["value"]),
            f"{_figure(one['ci'][0])} to {_figure(one['ci'][1])}",
            "yes" if one["pass"] else "**no**",
            one["source"],
        )
        for one in card["facts"]
    ]
    nulls = [
        (
            one["id"],
            one["expectation"],
            _figure(one["base"]),
            _figure(one["variant"]),
            _figure(one["effect"]),
            f"{_figure(one['ci'][0])} to {_figure(one['ci'][1])}",
            f"{one['p']:.1g}",
            "yes" if one["pass"] else "**no**",
        )
        for one in card["nulls"]
    ]
    met = card["met"]
    held = sum(one["pass"] for one in card["nulls"])
    return (
        "\n\n".join(
            [
                "# The scorecard",
                "Made by `python docs/generate.py` from `experiments/validation/scorecard.json`, "
                "which `clustersim validate --out` wrote; do not edit. "
                f"{len(card['seeds'])} seeds. How to read it is in [validation.md](validation.md).",
                f"Met: {_of(met['C']['figures'])} figures given to the calibration (C), "
                f"{_of(met['V']['figures'])} kept for validation (V); {held} of "
                f"{len(card['nulls'])} nulls and ablations hold at 1 %.\n\n"
                "Counted by rows of the evidence, F for an economy as it is and P for programmes "
                f"of policy, with all their figures: {_of(met['C']['rows'])} (C), "
                f"{_of(met['V']['rows'])} (V).",
                "## Facts",
                reference.table(
                    (
                        "fact",
                        "use",
                        "what",
                        "target",
                        "range",
                        "simulated",
                        "95 %",
                        "met",
                        "source",
                    ),
                    facts,
                ),
                "## Nulls and ablations",
                reference.table(
                    ("null", "expectation", "as it is", "off", "effect", "95 %", "p", "holds"),
                    nulls,
                ),
            ]
        )
        + "\n"
    )


def _of(counts: list[int]) -> str:
    met, among = counts
    return f"{met} of {among}"


def _figure(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:.3f}" if abs(value) < 10.0 else f"{value:.1f}"  # noqa: PLR2004  # digits


def _field(name: str, schema: dict[str, Any], required: bool) -> str:
    # What may be left out is offered beside null.
    shape = {**schema.get("anyOf", [{}])[0], **schema}
    low = shape.get("minimum", shape.get("exclusiveMinimum", ""))
    high = shape.get("maximum", shape.get("exclusiveMaximum", ""))
    default = "required" if required else schema.get("default")
    shown = "" if default is None else default
    meaning = " ".join(str(schema.get("description", "")).split())
    return f"| `{name}` | {shown} | {low} | {high} | {schema.get('unit', '')} | {meaning} |"


def _key(name: str, schema: dict[str, Any], required: bool) -> str:
    """Return the row of a key of a study file."""
    shape = {**schema.get("anyOf", [{}])[0], **schema}
    allowed = ", ".join(f"`{one}`" for one in shape.get("enum", []))
    low = shape.get("minimum", shape.get("exclusiveMinimum"))
    if low is not None:
        above = "above " if "exclusiveMinimum" in shape else ""
        high = shape.get("maximum", shape.get("exclusiveMaximum"))
        end = f" to {high:,}" if high is not None and high < LARGE else ""
        allowed = f"{above}{low:,}{end}" if above or end else f"{low:,} or more"
    default = schema.get("default")
    shown = "required" if required else "" if default in (None, [], {}) else f"`{_value(default)}`"
    meaning = " ".join(schema.get("description", "").split())
    return f"| `{name}` | {shown} | {allowed} | {meaning} |"


def policies() -> str:
    """Return the text of ``policies.md``."""
    definitions = json_schema()["$defs"]
    scenarios = _actions_of_scenarios()
    used = {
        action: [name for name, actions in scenarios.items() if action in actions]
        for action in BY_NAME
    }
    study = json.loads(EFFECTS.read_text(encoding="utf-8"))
    measured: dict[str, list[str]] = {}
    for row in study["effects"]:
        note = "" if row["pass"] else ", less than expected"
        measured.setdefault(row["action"], []).append(f"{row['title']} {words(row)}{note}")
    parts = [
        "# Policies\n\nMade from the code by `python docs/generate.py`; do not edit. A scenario "
        "lists policies under `policies:`. Each\nis paid by an authority, for clusters that it "
        "finds, and consists of measures; a measure is one of the actions\nbelow, with a share of "
        "the money. `clustersim check` reports what does not fit together; every payment of a run\n"
        "is in its table `ledger`. How a quarter of a policy passes stands with the mechanism "
        "`policy` in [mechanisms.md](mechanisms.md)."
    ]
    for kind in (Policy, BudgetFrom, Identification, Governance, Measure, Rules, Politics):
        fields = definitions[kind.__name__]["properties"]
        required = definitions[kind.__name__].get("required", [])
        head, _, body = (inspect.getdoc(kind) or "").partition("\n")
        lines = [f"## {kind.__name__}", "", head, *body.splitlines(), ""]
        lines += ["| field | default | from | to | unit | meaning |", "|---|---|---|---|---|---|"]
        lines += [_field(name, schema, name in required) for name, schema in fields.items()]
        parts.append("\n".join(lines))
    for group in (*GROUPS, PROGRAMME):
        heading = (
            "action",
            "what",
            "delivery",
            "what it changes, at most",
            "in",
            "cost, euro",
            "hours",
            "accept",
            "dead weight",
            "delay",
            "fades in",
            "source",
            "scenarios",
            "measured effect, 95 %",
        )
        rows = [
            (
                f"`{one.name}`",
                one.title,
                one.delivery.value,
                ", ".join(f"{effect.lever} {effect.size:+g}" for effect in one.effects) or "R&D",
                ", ".join(_mechanisms_of(one)),
                f"{one.cost:,.0f}",
                f"{one.hours:g}",
                f"{one.take_up:.0%}",
                f"{one.deadweight:.0%}",
                f"{one.delay:g}",
                f"{one.fade:g}",
                one.source,
                ", ".join(used[one.name]),
                "; ".join(measured.get(one.name, ["not yet"])),
            )
            for one in BY_NAME.values()
            if one.group == group
        ]
        parts.append(f"## {group}\n\n{reference.table(heading, rows)}")
    parts.append(_programmes())
    parts.append(
        "## How to read this page\n\n"
        "Costs are for each firm served and year; of a voucher its value; of a grant the most that "
        "a project costs in a\nyear; of a facility what makes half of the full effect, for each "
        "job of the place; of an organisation what brings half\nof the most in a year; of a "
        "partnership a meeting; of regulation the enforcement, a year for each firm. Hours are "
        "those of staff,\na year for each firm. Delay and fading are in years. A source of\n"
        '"assumption" means that no figure was at hand.\n\n'
        f"Effects are measured on `{study['scenario']}` by `experiments/actions`, over "
        f"{study['seeds']} seeds: from one state, with the action and without it,\non the same "
        f"luck, for {study['lasts']} years, from the second on. There is money for everybody who "
        "accepts. Of those served\nthe same firms are looked at in both; of what is built for a "
        "place, all firms that it is for. What is not of these firms\nis of the country."
    )
    return "\n\n".join(parts) + "\n"


def evidence() -> str:
    """Return the text of ``evidence.md``."""
    parts = [
        "# Where the evidence disagrees\n\nMade from the code by `python docs/generate.py`; do not "
        "edit. Sources disagree about some things that matter. A side\nis chosen by name, in a "
        "scenario file or on the command line:\n\n"
        "```yaml\nevidence: [additionality_high, effects_fade]\n```\n\n"
        "```sh\nclustersim run vouchers "
        "--set 'evidence=[additionality_high, effects_fade]'\n```\n\n"
        "A preset is a few values of parameters. It lies under the `set:` of the file that names "
        "it, and over what the file\nextends; one on the command line lies over all files and "
        "under the other values given there. Two presets of one\nlist can't set the same "
        "parameter. `clustersim describe` shows which value comes from which preset."
    ]
    for disagreement in dict.fromkeys(one.disagreement for one in PRESETS):
        rows = [
            (
                f"`{one.name}`",
                one.title,
                ", ".join(f"`{name}: {_value(value)}`" for name, value in one.values.items()),
                one.source,
            )
            for one in PRESETS
            if one.disagreement == disagreement
        ]
        heading = ("preset", "what it says", "values", "source")
        parts.append(f"## {disagreement}\n\n{reference.table(heading, rows)}")
        if disagreement == ADDITIONALITY:
            parts.append(
                "What was tried is the figure P16 of the [scorecard](scorecard.md): "
                "`policy.displacement` was looked for between 0.03\nand 0.16, and can be tried "
                "again at the same seeds, 1 to 20:\n\n"
                "```sh\nclustersim validate --only programmes --seeds 20 "
                "--set 'evidence=[additionality_high]'\n```"
            )
    left_out = "\n\n".join(f"*{what}.* {why}" for what, why in LEFT_OUT.items())
    parts.append(
        "## What no preset stands for\n\nA preset has to change what it is about. For these, "
        f"nothing in the model does.\n\n{left_out}"
    )
    return "\n\n".join(parts) + "\n"


def _value(value: object) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(str, value))}]"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _programmes() -> str:
    """Return the section on programmes."""
    used: dict[str, list[str]] = {}
    for one in builtin_scenarios():
        for policy in read_scenario(one.name).scenario.policies:
            used.setdefault(policy.programme or "", []).append(one.name)
    study = json.loads(TRIED.read_text(encoding="utf-8"))
    measured: dict[str, list[str]] = {}
    for row in study["effects"]:
        where = ", supported" if row["scope"] == "supported" else ""
        low, high = row["ci"]
        measured.setdefault(row["programme"], []).append(
            f"{row['outcome']}{where} {row['effect']:+.1%} ({low:+.1%} to {high:+.1%})"
        )
    rows = [
        (
            f"`{one.name}`",
            one.title,
            " ".join(one.about.split()),
            ", ".join(f"{m['action']} {m['share']:g}" for m in one.values["measures"]),
            "; ".join(measured[one.name]),
            ", ".join(dict.fromkeys(used.get(one.name, []))),
        )
        for one in PROGRAMMES
    ]
    heading = ("programme", "what", "about", "measures and their weights", "effect", "scenarios")
    return (
        "## Programmes\n\nA policy names one as its `programme`, and takes from it what it does "
        "not say itself: who pays, how clusters\nare found, organisations, measures and rules. "
        "What is not in the column *about* is an assumption.\n\n"
        f"The effect is that on `base`, over {study['seeds']} seeds with an interval of 95 %, for "
        "eight clusters and ten years, by\n`experiments/programmes`: relative, or of shares in "
        "points.\n\n" + reference.table(heading, rows)
    )


def _mechanisms_of(action: Action) -> list[str]:
    """Return the mechanisms that an action acts on; what it does for organisations is `policy`."""
    levers = {lever.name: lever.mechanisms for lever in LEVERS}
    acts_on = [levers.get(effect.lever, ("policy",)) for effect in action.effects]
    return list(dict.fromkeys(name for names in acts_on for name in names)) or ["policy"]


def _actions_of_scenarios() -> dict[str, set[str]]:
    """Return the actions that each built-in scenario uses."""
    found = {}
    for one in builtin_scenarios():
        policies = read_scenario(one.name).scenario.policies
        found[one.name] = {measure.action for each in policies for measure in each.measures}
    return found


_SHOWN = (
    ("jobs at the end", "supported"),
    ("firms at the end", "supported"),
    ("productivity at the end", "supported"),
    ("innovations", "supported"),
    ("R&D", "supported"),
    ("spin-offs", "supported"),
    ("jobs at the end", "all"),
    ("productivity at the end", "all"),
    ("innovations", "all"),
    ("collaborations at the end", "all"),
    ("green firms at the end", "all"),
    ("digital firms at the end", "all"),
)
"""Outcomes of a case that stand in its table, beside those that are about its failure."""


def cases() -> str:
    """Return the text of ``cases.md``."""
    document = json.loads(CASES.read_text(encoding="utf-8"))
    parts = [
        "# Cases and failures",
        "Made by `python docs/generate.py` from `experiments/cases/effects.json`, which `python "
        "-m experiments.cases.study --store` wrote; do not edit. Each scenario is run as it is, "
        f"and as what it is compared with, on the same luck, at {document['seeds']} seeds. "
        "Differences are means over the seeds, with their interval of 95 %; **bold** ones are on "
        "one side of zero for sure. Those of productivity are in logs, those of shares in points, "
        "all others relative to what there is without. Places for which there is money are "
        "*supported*. `clustersim run SCENARIO` shows the same for one seed.",
    ]
    for name, case in document["cases"].items():
        scenario = read_scenario(name).scenario
        rows = [
            (
                row["outcome"] + (", supported" if row["scope"] == "supported" else ""),
                _difference(row),
                f"{_in_unit(row, 'low')} to {_in_unit(row, 'high')}",
            )
            for row in case["rows"]
            if (row["outcome"], row["scope"]) in _SHOWN or row["scope"] == "measure"
        ]
        about, question = (" ".join(text.split()) for text in (scenario.about, scenario.question))
        parts += [
            f"## {case['title']}",
            f"`{name}`. {about}",
            f"*{question}* Compared with: {case['with']}.",
            reference.table(("what", "difference", "95 %"), rows),
        ]
    return "\n\n".join(parts) + "\n"


def _difference(row: dict[str, Any]) -> str:
    text = _in_unit(row, "difference")
    return f"**{text}**" if row["low"] * row["high"] > 0.0 else text


def _in_unit(row: dict[str, Any], key: str) -> str:
    return f"{row[key]:+.1%}" if row["relative"] or row["unit"] == "share" else f"{row[key]:+.3f}"


def study_files() -> str:
    """Return the text of ``study_files.md``."""
    schema = study_schema()
    parts = [
        "# Study files\n\nMade from the code by `python docs/generate.py`; do not edit. A study is "
        "a YAML file of its own; what is done with\none is in [sweeps.md](sweeps.md), with "
        "examples. `clustersim schema --study` prints the same as a JSON schema, for an\neditor, "
        "and `clustersim sweep STUDY --dry-run` checks a file and says what it comes to."
    ]
    for kind in (Study, Alternative, Replications, Exploration, Factor, Optimisation, Goal):
        found = schema if kind is Study else schema["$defs"][kind.__name__]
        head, _, body = (inspect.getdoc(kind) or "").partition("\n")
        lines = [f"## {kind.__name__}", "", head, *body.splitlines(), ""]
        lines += ["| key | default | allowed | meaning |", "|---|---|---|---|"]
        required = found.get("required", [])
        lines += [_key(name, one, name in required) for name, one in found["properties"].items()]
        parts.append("\n".join(lines))
    kept = ", ".join(f"`{name}`" for name in KEPT)
    others = ", ".join(f"`{name}`" for name in CHOOSABLE if name not in KEPT)
    rows = [(f"`{one.key}`", one.name, one.unit) for one in PAIRED]
    rows += [
        (f"`{key}`", what, "euro" if key == "public_money" else "") for key, what in WHOLE.items()
    ]
    parts.append(
        f"## Tables\n\nKept of each run if `keep` does not say: {kept}.\nOthers that can be asked "
        f"for: {others}. Their columns are in\n[tables.md](tables.md). "
        "The table `outcomes`, with one row of each run, is always kept."
    )
    parts.append(
        "## Outcomes\n\nOf the whole economy, and of all years of a run.\n\n"
        + reference.table(("outcome", "what", "unit"), rows)
    )
    return "\n\n".join(parts) + "\n"


PAGES = {
    "cases.md": cases,
    "evidence.md": evidence,
    "mechanisms.md": mechanisms,
    "odd.md": protocol,
    "policies.md": policies,
    "scorecard.md": scorecard,
    "shocks.md": shocks,
    "study_files.md": study_files,
    "tables.md": tables,
}

if __name__ == "__main__":
    for name, page in PAGES.items():
        (FOLDER / name).write_text(page(), encoding="utf-8")
