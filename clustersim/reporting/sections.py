"""The sections of a report: what is told, in the order in which it is told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from clustersim.reporting import words
from clustersim.scenario.yaml_text import yaml_text

_MOST_ROWS: Final = 8
_KINDS: Final = ("region", "sector", "cluster", "size of firms")


@dataclass(frozen=True)
class Paragraph:
    """A paragraph."""

    text: str


@dataclass(frozen=True)
class Bullets:
    """A list."""

    items: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """A table; the first column is text, the others are figures."""

    caption: str
    heading: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""
    detail: bool = False
    """Whether it is for those who want to know more: a page shows it when asked to."""


@dataclass(frozen=True)
class Shown:
    """A picture, by its name."""

    name: str


@dataclass(frozen=True)
class Code:
    """What is typed, or stands in a file."""

    text: str


Block = Paragraph | Bullets | Table | Shown | Code


@dataclass(frozen=True)
class Section:
    """A section with its heading."""

    key: str
    title: str
    blocks: tuple[Block, ...] = field(default=())


def sections(facts: Mapping[str, Any], goal: str, shown: Sequence[str]) -> tuple[Section, ...]:
    """Return the sections of a report.

    Parameters
    ----------
    facts
        As `facts.gather` returns them.
    goal
        Outcome that the answer is about.
    shown
        Names of the pictures that there are.
    """
    found = (
        _answer(facts, goal),
        _scenarios(facts),
        _effects(facts, shown),
        _course(),
        _winners(facts),
        _money(facts, shown),
        _life_cycle(facts),
        _resilience(facts),
        _ledger(facts),
        _assumptions(facts),
        _method(facts),
        _repeat(facts),
    )
    return tuple(section for section in found if section is not None)


def _answer(facts: Mapping[str, Any], goal: str) -> Section:
    comparison = facts["comparison"]
    heading = ("scenario", *(_HEADS.get(name, name) for name in words.GOALS))
    heading += ("public money", "€ per job more", "net value")
    rows = []
    cases = comparison["cases"]
    digits = words.digits_of(*(case["money"]["npv"]["value"] for case in cases))
    for case in cases:
        row = [case["title"]]
        for name in words.GOALS:
            found = words.outcome_of(case, name)
            row.append(words.DASH if found is None else _marked(found))
        money = case["money"]
        costs = {one["what"]: one["euro"]["value"] for one in money["costs"]}
        npv = money["npv"]
        row += [
            words.number((case["euro"] or 0.0) / words.MILLION, max(digits, 1)),
            words.euro(costs["job at the end"]),
            words.millions(npv["value"], digits),
        ]
        rows.append(tuple(row))
    table = Table(
        "Each scenario against what it is compared with",
        heading,
        tuple(rows),
        "In bold with * : differs for sure, for all outcomes of the scenario together at 95 %. A "
        "dash: unknown, as there may be no effect. Public money, not discounted, and the net "
        "present value of all that is counted are in million euro.",
    )
    text = [Paragraph(one) for one in words.answer(comparison, goal)]
    return Section("answer", "The answer", (*text, table))


_HEADS: Final = {
    "jobs at the end": "jobs",
    "firms at the end": "firms",
    "productivity at the end": "productivity, ln",
}


def _marked(row: Mapping[str, Any]) -> str:
    value, _ = words.effect(row)
    return f"{value}*" if words.sure(row) else value


def _scenarios(facts: Mapping[str, Any]) -> Section:
    world = facts["world"]
    blocks: list[Block] = [
        Paragraph(
            f"A simulated economy of {world['regions']} regions and {len(world['sectors'])} "
            f"sectors ({', '.join(world['sectors'])}), from {world['start_year']:g} on for "
            f"{world['years']:g} years; one simulated job stands for "
            f"{world['employment_scale']:g}."
        )
    ]
    if world["shocks"]:
        blocks.append(Bullets(tuple(world["shocks"])))
    for one in facts["scenarios"]:
        blocks.append(Paragraph(f"**{one['title']}.** {' '.join(one['about'].split())}"))
        told = tuple(line for policy in one["policies"] for line in policy["words"])
        if told:
            blocks.append(Bullets(told))
        if one["changes"]:
            blocks.append(Bullets(tuple(one["changes"])))
    return Section("scenarios", "What is compared", tuple(blocks))


def _effects(facts: Mapping[str, Any], shown: Sequence[str]) -> Section:
    comparison = facts["comparison"]
    blocks: list[Block] = [Shown("effects")]
    blocks += [_outcomes(case, "all") for case in comparison["cases"]]
    if "supported" in shown:
        blocks.append(
            Paragraph(
                "Where the money went, effects are larger; part of them is taken from elsewhere, "
                "as firms compete for the same markets and people."
            )
        )
        blocks.append(Shown("supported"))
        blocks += [_outcomes(case, "supported") for case in comparison["cases"]]
    if len(comparison["cases"]) > 1:
        blocks.append(_best(comparison))
    return Section("effects", "Effects", tuple(blocks))


def _outcomes(case: Mapping[str, Any], scope: str) -> Table:
    where = "in the whole economy" if scope == "all" else "in the places for which there is money"
    rows = []
    for row in case["outcomes"]:
        if row["scope"] != scope:
            continue
        value, interval = words.effect(row)
        rows.append(
            (
                row["outcome"],
                words.level(row),
                f"{value}*" if words.sure(row) else value,
                interval,
                words.share(row["better"]),
            )
        )
    return Table(
        f"{case['title']}: effects {where}",
        ("outcome", "without", "effect", "95 % interval", "better at"),
        tuple(rows),
        "“Better at”: share of the seeds at which the scenario does better (of CO2 and firms lost, "
        "with less). * differs for sure.",
        detail=True,
    )


def _best(comparison: Mapping[str, Any]) -> Table:
    titles = {case["scenario"]: case["title"] for case in comparison["cases"]}
    wanted = (*words.GOALS, "net present value")
    rows = [
        (one["outcome"], *(words.share(one["best"].get(name)) for name in titles))
        for one in comparison["rivals"]
        if one["scope"] == "all" and one["outcome"] in wanted
    ]
    return Table(
        "How often each scenario is the best of them",
        ("outcome", *titles.values()),
        tuple(rows),
        "Share of the seeds; on the same luck.",
    )


def _course() -> Section:
    return Section("course", "Jobs over the years", (Shown("jobs"),))


def _winners(facts: Mapping[str, Any]) -> Section:
    blocks: list[Block] = [
        Paragraph(
            "Jobs at the end by region, sector, cluster and size of firms. Groups are many: with "
            "few seeds some gain or lose by luck alone; only those that are marked do so for sure."
        )
    ]
    for number, case in enumerate(facts["comparison"]["cases"], start=1):
        blocks.append(Shown(f"winners-{number}"))
        blocks.append(_groups(case))
    return Section("winners", "Who gains and who loses", tuple(blocks))


def _groups(case: Mapping[str, Any]) -> Table:
    rows = []
    for group in case["groups"]["by"]:
        if group["outcome"] != "jobs":
            continue
        order = sorted(
            (one for one in group["effects"] if one["effect"]), key=lambda one: -abs(one["effect"])
        )
        for one in order[:_MOST_ROWS]:
            value = words.signed(one["effect"])
            low, high = (words.signed(end) for end in one["ci"])
            rows.append(
                (
                    f"{one['name']} ({group['kind']})",
                    words.number(one["without"]),
                    f"{value}*" if words.sure(one) else value,
                    words.percent(one["relative"]),
                    words.span(low, high),
                    words.share(one["gains"]),
                )
            )
    return Table(
        f"{case['title']}: the largest changes",
        ("who", "jobs without", "effect", "", "95 % interval", "gains at"),
        tuple(rows),
        "“Gains at”: share of the seeds at which there are more jobs. * gains or loses for sure.",
        detail=True,
    )


def _money(facts: Mapping[str, Any], shown: Sequence[str]) -> Section | None:
    cases = [case for case in facts["comparison"]["cases"] if case["euro"]]
    if not cases:
        return None
    prices, base = cases[0]["money"]["prices"], cases[0]["money"]["base_year"]
    text = (
        f"Present values in euro of {base:.0f} at {prices['discount_rate']:.1%} a year. A job adds "
        f"{prices['value_added']:,.0f} euro a year at the usual productivity of its sector, a "
        f"tonne of CO2 costs {prices['co2']:,.0f} euro, and a euro of public money costs "
        f"{prices['deadweight']:.0%} beyond itself. All value added is taken as gained: where "
        "labour is scarce that is too much, and the break-even value says how little would do."
    )
    parts = tuple(
        (
            case["title"],
            *(
                words.millions(case["money"]["parts"][name]["value"])
                for name in ("value_added", "value_added_by_jobs", "public_money", "co2")
            ),
            words.millions(case["money"]["npv"]["value"]),
            words.span(*(words.millions(end) for end in case["money"]["npv"]["ci"])),
            words.euro(case["money"]["break_even_value_added"]["value"]),
        )
        for case in cases
    )
    costs = tuple(
        (
            f"{case['title']}: {one['what']}",
            words.signed(one["more"]["value"]),
            words.span(*(words.signed(end) for end in one["more"]["ci"])),
            words.euro(one["euro"]["value"]),
            words.span(*(words.euro(end) for end in one["euro"]["ci"])),
        )
        for case in cases
        for one in case["money"]["costs"]
    )
    blocks: list[Block] = [
        Paragraph(text),
        Table(
            "Net present value and its parts, million euro",
            _PARTS,
            parts,
        ),
        Table(
            "What one more costs",
            ("one more", "how many", "95 % interval", "euro for one", "95 % interval"),
            costs,
            "A dash: unknown, as there may be none.",
            detail=len(cases) > 1,
        ),
    ]
    for choice in facts["comparison"]["choices"] if len(cases) > 1 else ():
        titles = {case["scenario"]: case["title"] for case in facts["comparison"]["cases"]}
        blocks.append(
            Table(
                f"Which to choose for one more {choice['what']}",
                ("scenario", "million euro", "how many more", "standing", "euro for one more"),
                tuple(
                    (
                        titles.get(point["name"], point["name"]),
                        words.number(point["euro"] / words.MILLION, 1),
                        words.signed(point["gain"]),
                        point["state"],
                        words.euro(point["icer"]),
                    )
                    for point in choice["points"]
                ),
                "Dominated: another brings as much for no more money. Euro for one more: than by "
                "the next cheaper scenario on the frontier.",
            )
        )
    blocks += [Shown(name) for name in ("plane", "acceptability") if name in shown]
    return Section("money", "What the money brings", tuple(blocks))


def _life_cycle(facts: Mapping[str, Any]) -> Section:
    blocks: list[Block] = [Shown("stages")]
    for case in facts["comparison"]["cases"]:
        rows = tuple(
            (
                f"{one['name']}, {one['unit']}" if one["unit"] == "cluster-years" else one["name"],
                words.number(one["without"], 1),
                f"{words.signed(one['effect'], 2)}{'*' if words.sure(one) else ''}",
                words.span(*(words.signed(end, 2) for end in one["ci"])),
            )
            for one in case["stages"]
        )
        blocks.append(
            Table(
                f"{case['title']}: life cycle of the clusters",
                ("clusters", "without", "effect", "95 % interval"),
                rows,
                "* differs for sure.",
                detail=True,
            )
        )
    return Section("life-cycle", "The life cycle of the clusters", tuple(blocks))


def _resilience(facts: Mapping[str, Any]) -> Section | None:
    cases = [case for case in facts["comparison"]["cases"] if case["weathering"]]
    if not cases:
        return None
    rows = []
    for case in cases:
        one = case["weathering"]
        for name, change in one["change"].items():
            rows.append(
                (
                    f"{case['title']}: {_WEATHERING[name]}",
                    _plain(one["without"][name]["value"]),
                    _plain(one["with"][name]["value"]),
                    words.signed(change["value"], 4),
                    words.span(*(words.signed(end, 4) for end in change["ci"])),
                )
            )
    table = Table(
        "How jobs weather the shocks, with and without each scenario",
        ("what", "without", "with", "difference", "95 % interval"),
        tuple(rows),
        "Shares of the jobs that there would be without shocks.",
    )
    return Section("resilience", "Resilience", (table,))


_WEATHERING: Final = {
    "resistance": "kept at the worst moment of the first years",
    "depth": "lost at worst",
    "lost_for_good": "lost for good",
    "years_lost": "lost in all, in years of all jobs",
}


def _plain(value: float | None) -> str:
    return words.number(value, 4)


def _ledger(facts: Mapping[str, Any]) -> Section | None:
    if not facts["ledger"]:
        return None
    titles = {one["name"]: one["title"] for one in facts["scenarios"]}
    rows = []
    for name, title in titles.items():
        mine = [row for row in facts["ledger"] if row["scenario"] == name]
        for row in mine:
            what = _PURPOSES.get(row["purpose"], row["purpose"])
            rows.append(
                (
                    f"{title}: {row['policy']}",
                    f"{what} {row['measure']}".strip(),
                    words.number(row["euro"] / words.MILLION, 2),
                    words.share(row["to_small"] / row["to_firms"])
                    if row["to_firms"] > 0.0
                    else words.DASH,
                )
            )
    table = Table(
        "Where the money went, mean over seeds",
        ("scenario and policy", "for", "million euro", "of what firms got, to SMEs"),
        tuple(rows),
        "Every payment is in the table `ledger` of the stored runs.",
    )
    return Section("ledger", "The ledger", (table,))


_PARTS: Final = (
    "scenario",
    "value added",
    "of which more jobs",
    "public money",
    "CO2",
    "net present value",
    "95 % interval",
    "break-even value of a job, €",
)
_ACTIONS: Final = (
    "action",
    "by what it works",
    "effect at full exposure",
    "would do so anyway",
    "source",
)
_PURPOSES: Final = {
    "appropriation": "given by the treasury",
    "fee": "fees of members",
    "staff": "paid to staff",
    "measure": "spent on",
    "return": "given back",
    "levy": "paid by firms",
}


def _assumptions(facts: Mapping[str, Any]) -> Section:
    limits = (
        "The model follows stated mechanisms; it is no forecast of one region in one year.",
        "What the actions of a policy do to firms is mostly an assumption (table). If an action "
        "works half as well, so do the effects that rest on it.",
        "Intervals tell luck: what other histories would have brought. They do not tell whether "
        "the model is right. How well it meets what is known of clusters is shown by "
        "`clustersim validate`; what else is uncertain by `clustersim sensitivity`.",
        "Regions that are not simulated count as one world market; nobody there reacts.",
        "The end of a run cuts off what comes later.",
    )
    rows = tuple(
        (
            one["title"],
            one["channel"],
            "; ".join(one["effects"]) or words.DASH,
            words.share(one["deadweight"]),
            one["source"],
        )
        for one in facts["actions"]
    )
    blocks: list[Block] = [Bullets(limits)]
    if rows:
        blocks.append(
            Table(
                "What the actions are assumed to do",
                _ACTIONS,
                rows,
            )
        )
    if facts["origin"]["notes"]:
        blocks.append(Bullets(tuple(facts["origin"]["notes"])))
    return Section("assumptions", "Assumptions and limits", tuple(blocks))


def _method(facts: Mapping[str, Any]) -> Section:
    comparison = facts["comparison"]
    n = len(comparison["seeds"])
    saved = sorted(
        row["saved_by_pairing"]
        for case in comparison["cases"]
        for row in case["outcomes"]
        if row["saved_by_pairing"] is not None
    )
    text = [
        f"Every scenario and what it is compared with were simulated {n} times, each time with "
        "other luck, and the two of a pair with the same luck: the same firms have the same "
        "chances in both. What differs is then the scenario's doing. Effects are mean "
        "differences with Student's interval of 95 % over the seeds.",
        "Where many outcomes are looked at, some differ by chance. “For sure” means that the "
        "interval for all outcomes of a scenario together (Bonferroni) leaves zero out.",
    ]
    if saved:
        text.append(
            f"The same luck makes {_saved(saved[len(saved) // 2])} of the runs unnecessary that "
            "independent histories would have needed (median over outcomes)."
        )
    rows = tuple(
        (
            case["title"],
            _detectable(row),
        )
        for case in comparison["cases"]
        if (row := words.outcome_of(case, "jobs at the end")) is not None
    )
    table = Table(
        "Effect on jobs that as many seeds would find with a chance of 80 %",
        ("scenario", "smallest effect"),
        rows,
    )
    return Section("method", "Method", (*(Paragraph(one) for one in text), table))


def _saved(value: float) -> str:
    return f"{100.0 * value:.1f} %"


def _detectable(row: Mapping[str, Any]) -> str:
    value = row["detectable"]
    return words.DASH if value is None else f"{100.0 * value:.2f} %"


def _repeat(facts: Mapping[str, Any]) -> Section:
    origin = facts["origin"]
    git = origin["git"]
    state = f", commit {git['commit'][:12]}" if git else ""
    state += " with changes" if git and git["changed"] else ""
    versions = ", ".join(f"{name} {one}" for name, one in origin["versions"].items() if one)
    text = (
        f"{origin['runs']:,} of {origin['asked']:,} runs are stored, begun {origin['created']} "
        f"with clustersim {origin['versions']['clustersim']}{state}. The fingerprint of the "
        f"configuration is {origin['fingerprint'][:16]}. The same study and program give the same "
        "numbers, to the last bit."
    )
    folder = origin["folder"]
    commands = (
        f"clustersim sweep study.yaml --out {folder}\n"
        f"clustersim report {folder}\n"
        f"clustersim rerun {folder} --run 0      # one run again, compared bit by bit\n"
        f"clustersim resume {folder} --add-replications 20"
    )
    blocks = (
        Paragraph(text),
        Code(commands),
        Paragraph("The study:"),
        Code(yaml_text(origin["study"])),
        Paragraph(f"Versions: {versions}."),
    )
    return Section("repeat", "How to repeat it", blocks)
