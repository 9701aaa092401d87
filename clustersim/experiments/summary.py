"""The main facts of a run: what became of the clusters, in words and as numbers."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from clustersim.experiments.life_cycles import (
    DEFAULT_CLUSTER_RULE,
    LOCAL_STAGE_RULE,
    QUARTERS_PER_YEAR,
    has_yearly_records,
)
from clustersim.experiments.proof import Proof, sentence
from clustersim.measures.demography import entry_rate, exit_rate
from clustersim.measures.lifecycle import Stage
from clustersim.store import Table, Tables
from clustersim.world.policy import LARGE
from clustersim.world.types import Floats

NOT_GONE = tuple(stage.name.lower() for stage in Stage if stage is not Stage.NONE)
"""The five stages, in the order of a life."""


_COUNTS_AS_CLUSTER = (
    f"A place counts as one if it was {DEFAULT_CLUSTER_RULE.lasting} years in a row, or in every "
    "year of a shorter run."
)

_LEAST_YEARS = 2


@dataclass(frozen=True)
class Spell:
    """An unbroken time of one cluster in one stage.

    Attributes
    ----------
    stage
        Its name.
    first_year, last_year
        Calendar years of the first and the last record in it.
    years
        From its start to the start of the next stage, or to the last record.
    """

    stage: str
    first_year: float
    last_year: float
    years: float


@dataclass(frozen=True)
class ClusterLife:
    """The life of one cluster.

    Attributes
    ----------
    region, sector
        Where it is.
    jobs_start, jobs_end, jobs_peak
        Jobs in the first year, in the last, and in the year with the most.
    peak_year
        Calendar year with the most jobs.
    spells
        Its stages, one after the other; the last is the present one.
    """

    region: str
    sector: str
    jobs_start: float
    jobs_end: float
    jobs_peak: float
    peak_year: float
    spells: tuple[Spell, ...]


@dataclass(frozen=True)
class Spending:
    """What a policy has spent in a run.

    Attributes
    ----------
    policy
        Its name.
    budget
        What it was given, euro.
    staff
        What it spent on staff of cluster organisations, fees of members included, euro.
    measures
        What it spent on each measure, by action, euro.
    returned
        What it gave back, euro.
    levies
        What firms paid to the treasury under its rules, euro.
    firms
        Simulated firms that it has served.
    sme_share
        Share of what firms were served with that went to SMEs; None where none was served.
    """

    policy: str
    budget: float
    staff: float
    measures: dict[str, float]
    returned: float
    levies: float
    firms: int
    sme_share: float | None

    def sentence(self) -> str:
        """Return all this in a sentence or two."""
        largest = sorted(self.measures, key=lambda action: -self.measures[action])
        spent = [f"{self.measures[action] / 1e6:,.1f} on {action}" for action in largest]
        spent += [f"{self.staff / 1e6:,.1f} on staff"] if self.staff else []
        text = (
            f"Policy {self.policy!r} was given {self.budget / 1e6:,.1f} million euro and spent "
            f"{', '.join(spent) or 'nothing'}"
        )
        text += f"; {self.returned / 1e6:,.1f} went back." if self.returned else "."
        if self.levies:
            text += f" Firms paid {self.levies / 1e6:,.1f} million euro under its rules."
        if self.sme_share is None:
            return text
        return text + (
            f" It served {self.firms:,} simulated firms; of what went to firms SMEs got "
            f"{self.sme_share:.0%}."
        )


@dataclass(frozen=True)
class Summary:
    """The main facts of a run.

    Attributes
    ----------
    title
        Title of the scenario.
    seed
        Number of the luck.
    first_year, last_year
        Calendar years of the first and the last record.
    jobs_start, jobs_end, firms_start, firms_end
        Of the whole economy; real jobs and firms.
    entry_rate, exit_rate
        Firms that entered or left per active firm and year, mean over the run; None without firms.
    mean_degree
        Mean number of collaborations, at the end, of actors that have any.
    n_places
        Local industries (regions times sectors).
    has_stages
        Whether there was a record every year, and of two years at least, without which no stage
        can be read.
    stages_at_end
        Number of clusters in each stage in the last year; ``none`` are those that vanished.
    n_transitions
        Passages from stage to stage.
    clusters
        All clusters, by jobs at the peak, the largest first.
    scale
        Real jobs that one simulated job stands for.
    spending
        What each policy has spent.
    rules
        The rules of the policies, and whether they were kept.
    """

    title: str
    seed: int
    first_year: float
    last_year: float
    jobs_start: float
    jobs_end: float
    firms_start: float
    firms_end: float
    entry_rate: float | None
    exit_rate: float | None
    mean_degree: float
    n_places: int
    has_stages: bool
    stages_at_end: dict[str, int]
    n_transitions: int
    clusters: tuple[ClusterLife, ...]
    scale: float = 1.0
    spending: tuple[Spending, ...] = ()
    rules: tuple[Proof, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return everything as one dictionary that JSON can hold."""
        return asdict(self)

    def words(self) -> str:
        """Return the main facts in plain words, in paragraphs separated by an empty line."""
        told = [one.sentence() for one in self.spending]
        proved = sentence(self.rules)
        policies = [" ".join([*told, *([proved] if proved else [])])] if told else []
        return "\n\n".join([self._clusters_in_words(), self._economy_in_words(), *policies])

    def rows(self, most: int = 12) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
        """Return heading and rows of a table of the largest clusters, as text; none without stages.

        Parameters
        ----------
        most
            Rows at most.
        """
        heading = ("sector", "region", "start", "peak", "in", "end", "now", "stages, each since")
        rows: list[tuple[str, ...]] = [
            (
                life.sector,
                life.region,
                f"{life.jobs_start:,.0f}",
                f"{life.jobs_peak:,.0f}",
                f"{life.peak_year:.0f}",
                f"{life.jobs_end:,.0f}",
                f"{life.spells[-1].stage}, {life.spells[-1].years:.0f} y",
                " > ".join(f"{spell.stage} {spell.first_year:.0f}" for spell in life.spells),
            )
            for life in (self.clusters[:most] if self.has_stages else ())
        ]
        return heading, rows

    def _clusters_in_words(self) -> str:
        if not self.has_stages:
            if self.last_year - self.first_year < 1:
                return "No stages were read: the run is shorter than a year."
            return (
                "No stages were read: they need a record every year (`record_every` of 1, 2 or 4)."
            )
        n = len(self.clusters)
        if n == 0:
            return (
                f"None of {self.n_places:,} local industries was a cluster for long enough between "
                f"{self._between()}. {_COUNTS_AS_CLUSTER}"
            )
        counts = [f"{self.stages_at_end[stage]} in {stage}" for stage in NOT_GONE]
        gone = self.stages_at_end["none"]
        counts += [f"{gone} gone"] if gone else []
        were = "was a cluster" if n == 1 else "were clusters"
        return (
            f"{n:,} of {self.n_places:,} local industries {were} at some time "
            f"between {self._between()}. {_COUNTS_AS_CLUSTER} At the end: {', '.join(counts)}. "
            f"Clusters changed their stage {_times(self.n_transitions)}. {self._provisional()}"
        )

    def _between(self) -> str:
        return f"{math.floor(self.first_year)} and {math.floor(self.last_year)}"

    def _provisional(self) -> str:
        """Return which stages may still change as further years become known."""
        if self.last_year - self.first_year <= LOCAL_STAGE_RULE.delay:
            return "All stages are provisional: the run is short."
        return (
            "Stages are dated back to when they began; those of the last "
            f"{LOCAL_STAGE_RULE.delay} years are provisional."
        )

    def _economy_in_words(self) -> str:
        text = (
            f"Jobs went from {self.jobs_start:,.0f} to {self.jobs_end:,.0f}, "
            f"firms from {self.firms_start:,.0f} to {self.firms_end:,.0f}."
        )
        if self.entry_rate is not None and self.exit_rate is not None:
            text += (
                f" A year brought {100 * self.entry_rate:.1f} new firms per 100 "
                f"and took {100 * self.exit_rate:.1f}."
            )
        if self.scale != 1:
            text += f" One simulated job stands for {self.scale:g}."
        return text + (
            f" At the end, actors that collaborate had {self.mean_degree:.1f} partners on average."
        )


def _times(number: int) -> str:
    return "once" if number == 1 else f"{number:,} times"


def summarise(
    tables: Tables, manifest: Mapping[str, Any], regions: Sequence[str], sectors: Sequence[str]
) -> Summary:
    """Gather the main facts of a run from its tables.

    Parameters
    ----------
    tables
        Of a run; ``clusters``, ``economy``, ``stages`` and ``transitions`` are read.
    manifest
        Its manifest, for title and seed.
    regions, sectors
        Names, by index.

    Returns
    -------
    Summary
    """
    economy, stages = tables["economy"], tables["stages"]
    last = stages["stage"][stages["quarter"] == stages["quarter"].max(initial=0)]
    return Summary(
        title=str(manifest["scenario"]["title"]),
        seed=int(manifest["seed"]),
        first_year=float(economy["year"][0]),
        last_year=float(economy["year"][-1]),
        jobs_start=float(economy["jobs"][0]),
        jobs_end=float(economy["jobs"][-1]),
        firms_start=float(economy["firms"][0]),
        firms_end=float(economy["firms"][-1]),
        **_turnover(tables["clusters"], economy),
        mean_degree=float(economy["mean_degree"][-1]),
        n_places=len(regions) * len(sectors),
        has_stages=_has_stages(economy["quarter"]),
        stages_at_end={
            stage.name.lower(): int((last == stage.name.lower()).sum()) for stage in Stage
        },
        n_transitions=len(tables["transitions"]["quarter"]),
        clusters=_lives(stages, regions, sectors),
        scale=float(manifest["scenario"].get("employment_scale", 1.0)),
        spending=_spending(tables["ledger"]) if "ledger" in tables else (),
        rules=tuple(Proof(**one) for one in manifest.get("rules", ())),
    )


def _spending(ledger: Table) -> tuple[Spending, ...]:
    """Read off the ledger what each policy has spent, in the order in which they began."""
    policies = dict.fromkeys(np.asarray(ledger["policy"]).tolist())
    return tuple(_spent_by(ledger, name) for name in policies)


def _spent_by(ledger: Table, policy: str) -> Spending:
    own = np.asarray(ledger["policy"]) == policy
    purpose, euro = np.asarray(ledger["purpose"])[own], np.asarray(ledger["euro"])[own]
    measure, kind = np.asarray(ledger["measure"])[own], np.asarray(ledger["kind"])[own]
    served = (purpose == "measure") & (kind == "firm")
    small = served & (np.asarray(ledger["jobs"])[own] < LARGE)
    total = float(euro[served].sum())
    return Spending(
        policy=policy,
        budget=float(euro[purpose == "appropriation"].sum()),
        staff=float(euro[purpose == "staff"].sum()),
        measures={
            action: float(euro[(purpose == "measure") & (measure == action)].sum())
            for action in dict.fromkeys(measure[purpose == "measure"].tolist())
        },
        returned=float(euro[purpose == "return"].sum()),
        levies=float(euro[purpose == "levy"].sum()),
        firms=int(np.unique(np.asarray(ledger["recipient"])[own][served]).size),
        sme_share=float(euro[small].sum()) / total if total > 0.0 else None,
    )


def _has_stages(quarter: NDArray[Any]) -> bool:
    """Tell whether stages could be read from records of these quarters."""
    years = np.unique(quarter[quarter % QUARTERS_PER_YEAR == 0])
    return has_yearly_records(quarter) and len(years) >= _LEAST_YEARS


def _turnover(places: Table, economy: Table) -> dict[str, float | None]:
    """Return entry and exit rate over the whole run.

    The firms active in a period are those at its start and those that entered in it, as in
    Eurostat's business demography.
    """
    quarter = economy["quarter"]
    rows = np.searchsorted(quarter, places["quarter"])
    n = len(quarter)
    entries, exits = (np.bincount(rows, places[name], n)[1:] for name in ("entries", "exits"))
    active = (economy["firms"][:-1] + entries) * np.diff(economy["year"])
    if not active.sum() > 0:
        return {"entry_rate": None, "exit_rate": None}
    return {
        "entry_rate": float(entry_rate(entries.sum(), active.sum())),
        "exit_rate": float(exit_rate(exits.sum(), active.sum())),
    }


def _lives(
    stages: Table, regions: Sequence[str], sectors: Sequence[str]
) -> tuple[ClusterLife, ...]:
    """Return the life of every cluster, by jobs at the peak."""
    n_clusters = int((stages["quarter"] == stages["quarter"].min(initial=0)).sum()) or 1
    series = {name: values.reshape(-1, n_clusters) for name, values in stages.items()}
    lives = [
        _life(
            regions[series["region"][0, c]],
            sectors[series["sector"][0, c]],
            series["year"][:, c],
            series["jobs"][:, c],
            series["stage"][:, c],
        )
        for c in range(n_clusters if len(stages["quarter"]) else 0)
    ]
    return tuple(sorted(lives, key=lambda life: -life.jobs_peak))


def _life(
    region: str, sector: str, year: Floats, jobs: Floats, stage: NDArray[np.str_]
) -> ClusterLife:
    peak = int(jobs.argmax())
    starts = np.flatnonzero(np.append(True, stage[1:] != stage[:-1]))
    ends = np.append(starts[1:], len(stage))
    last = len(stage) - 1
    return ClusterLife(
        region=region,
        sector=sector,
        jobs_start=float(jobs[0]),
        jobs_end=float(jobs[-1]),
        jobs_peak=float(jobs[peak]),
        peak_year=float(year[peak]),
        spells=tuple(
            Spell(
                str(stage[a]),
                float(year[a]),
                float(year[b - 1]),
                float(year[min(b, last)] - year[a]),
            )
            for a, b in zip(starts, ends, strict=True)
        ),
    )
