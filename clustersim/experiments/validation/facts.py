"""The stylised facts that the simulated economy is compared with.

Each figure has a range within which it passes. Figures of use C were given to the calibration,
figures of use V never are. A range is as wide as what the sources disagree by, or, where there is
one source, as the difference in kind between what it measured and what is simulated; the reason
stands with each.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

from clustersim.experiments.validation import firms, places
from clustersim.experiments.validation.panel import Panel
from clustersim.measures.clusters import Strength
from clustersim.measures.lifecycle_reasons import Cause

Use = Literal["C", "V"]


@dataclass(frozen=True)
class Figure:
    """One figure that the simulated economy is compared with.

    Attributes
    ----------
    id
        Row of the evidence and name of the figure, such as ``F8.survival_5``.
    use
        C: given to the calibration; V: for validation only.
    group
        Figures that are about one thing.
    title
        What it is, in words.
    unit
        Of target, range and value.
    target
        What the source says; NaN where it says only a direction.
    low, high
        Range in which the simulated value passes.
    reason
        Why this range.
    source
        Where the figure is from.
    """

    id: str
    use: Use
    group: str
    title: str
    unit: str
    target: float
    low: float
    high: float
    reason: str
    source: str


@dataclass(frozen=True)
class Fact(Figure):
    """A figure about an economy as it is.

    Attributes
    ----------
    measure
        The simulated value of one run.
    """

    measure: Callable[[Panel], float]


NO_FIGURE: Final = float("nan")
_INF: Final = float("inf")
_DIRECTION = "the source gives the direction"

_SIZE_SOURCE = "Axtell 2001; US Census SUSB 2019; Eurostat SBS 2023"
_CLASS_SOURCE = "Eurostat, Statistics in focus 31/2008 (EU, 2005)"
_DEMOGRAPHY = "Eurostat business demography"
_PANORAMA = "European Panorama of Clusters and Industrial Change 2020"
_CIS = "Eurostat, Community Innovation Survey 2018-20"
_ICT = "Eurostat, digital intensity index"
_SPIN_OFFS = "Capone, Malerba & Orsenigo 2019; Klepper 2007"

_CLASS_SHARES = (
    # firms, jobs: targets and how far from them
    ("micro", 0.918, 0.03, 0.296, 0.06),
    ("small", 0.069, 0.02, 0.206, 0.05),
    ("medium", 0.011, 0.006, 0.168, 0.05),
    ("large", 0.002, 0.002, 0.329, 0.08),
)
_CLASS_REASON = (
    "a third of the difference between countries in the same table, at least 2 points; the sectors "
    "simulated are not the whole economy"
)


def _classes() -> list[Fact]:
    found = []
    for number, (name, firm_share, firm_slack, job_share, job_slack) in enumerate(_CLASS_SHARES):
        for what, target, slack, of_jobs in (
            ("firms", firm_share, firm_slack, False),
            ("jobs", job_share, job_slack, True),
        ):
            found.append(
                Fact(
                    f"F10.{name}_{what}",
                    "C",
                    "sizes",
                    f"share of {name} firms in {what}",
                    "share",
                    target,
                    max(target - slack, 0.0),
                    target + slack,
                    _CLASS_REASON,
                    _CLASS_SOURCE,
                    firms.class_share(number, of_jobs=of_jobs),
                )
            )
    return found


def _productivity_by_size() -> list[Fact]:
    targets = (("micro", 0.707), ("small", 0.915), ("medium", 1.059), ("large", 1.286))
    return [
        Fact(
            f"F11.{name}",
            "V",
            "productivity",
            f"productivity of {name} firms over that of all",
            "ratio",
            target,
            target - 0.12,
            target + 0.12,
            "half of the distance between neighbouring classes",
            _CLASS_SOURCE,
            firms.productivity_of_class(number),
        )
        for number, (name, target) in enumerate(targets)
    ]


FACTS: Final[tuple[Fact, ...]] = (
    Fact(
        "F1.high",
        "V",
        "clusters",
        "share of the clusters that are high-performing",
        "share",
        198 / 2950,
        0.03,
        0.12,
        "a factor of two: the source does not print the thresholds of its levels of performance",
        _PANORAMA,
        places.class_of_clusters(Strength.HIGH),
    ),
    Fact(
        "F1.medium",
        "V",
        "clusters",
        "share of the clusters that are medium-performing",
        "share",
        898 / 2950,
        0.20,
        0.41,
        "a third up and down, as for the others",
        _PANORAMA,
        places.class_of_clusters(Strength.MEDIUM),
    ),
    Fact(
        "F1.basic",
        "V",
        "clusters",
        "share of the clusters that are basic",
        "share",
        1854 / 2950,
        0.48,
        0.76,
        "what the ranges of the others leave",
        _PANORAMA,
        places.class_of_clusters(Strength.BASIC),
    ),
    Fact(
        "F2.all",
        "V",
        "productivity",
        "productivity in clusters over the average, less 1",
        "share",
        0.25,
        0.15,
        0.35,
        "ten points: other sectors and regions than the source's",
        _PANORAMA,
        places.premium(Strength.BASIC, Strength.MEDIUM, Strength.HIGH),
    ),
    Fact(
        "F2.basic_medium",
        "V",
        "productivity",
        "productivity in basic and medium clusters over the average, less 1",
        "share",
        0.125,
        0.05,
        0.20,
        "the source's 10 to 15 % and five points",
        _PANORAMA,
        places.premium(Strength.BASIC, Strength.MEDIUM),
    ),
    Fact(
        "F2.high",
        "V",
        "productivity",
        "productivity in high-performing clusters over the average, less 1",
        "share",
        1.40,
        0.70,
        2.10,
        "half up and down: the class is small in every economy",
        _PANORAMA,
        places.premium(Strength.HIGH),
    ),
    Fact(
        "F3",
        "V",
        "clusters",
        "share of jobs in clusters",
        "share",
        0.503,
        0.40,
        0.60,
        "employment in exporting industries, which are all that is simulated (23.4 % of all "
        "employment); a fifth up and down for other sectors and regions",
        _PANORAMA,
        places.cluster_job_share,
    ),
    Fact(
        "F4",
        "C",
        "sizes",
        "slope of the size distribution, log Pr(size > s) on log s",
        "-",
        -1.055,
        -1.20,
        -0.95,
        "the sources' -1.00 to -1.08 and a tenth for classes that only begin at ten jobs",
        _SIZE_SOURCE,
        firms.size_slope,
    ),
    Fact(
        "F5.kurtosis",
        "C",
        "growth",
        "excess kurtosis of yearly growth rates",
        "-",
        12.5,
        7.0,
        18.0,
        "10 to 15 in panels of firms; the fourth moment of a sample is uncertain by a third",
        "Bottazzi & Secchi 2006; Fu et al. 2005",
        firms.growth_kurtosis,
    ),
    Fact(
        "F5.tent",
        "C",
        "growth",
        "log likelihood of a Laplace over a normal density of growth rates",
        "nats per firm",
        NO_FIGURE,
        0.0,
        _INF,
        "tent-shaped: a Laplace density describes them better than a normal one",
        "Bottazzi & Secchi 2006",
        firms.growth_tent,
    ),
    Fact(
        "F6",
        "C",
        "growth",
        "exponent beta of the spread of growth, sigma ~ size**-beta",
        "-",
        0.15,
        0.09,
        0.20,
        "the range of the source",
        "Riccaboni et al. 2008",
        firms.growth_spread_slope,
    ),
    Fact(
        "F7.births",
        "C",
        "demography",
        "births over active firms",
        "1/year",
        0.1035,
        0.090,
        0.117,
        "10.0 % (2019) and 10.7 % (2021), and a point: 2021 made good for 2020",
        _DEMOGRAPHY,
        firms.birth_rate,
    ),
    Fact(
        "F7.deaths",
        "C",
        "demography",
        "deaths over active firms",
        "1/year",
        0.085,
        0.075,
        0.100,
        "8.5 % (2021) and a point and a half: with a steady number of firms births equal deaths",
        _DEMOGRAPHY,
        firms.death_rate,
    ),
    Fact(
        "F8.survival_1",
        "C",
        "demography",
        "newcomers alive after one year",
        "share",
        0.81,
        0.78,
        0.85,
        "three points, and one more: the source counts calendar years",
        _DEMOGRAPHY,
        firms.survival_after(1.0),
    ),
    Fact(
        "F8.survival_5",
        "C",
        "demography",
        "newcomers alive after five years",
        "share",
        0.45,
        0.42,
        0.48,
        "44 to 46 %, and two points",
        _DEMOGRAPHY,
        firms.survival_after(5.0),
    ),
    *_classes(),
    *_productivity_by_size(),
    Fact(
        "F19.survival",
        "V",
        "spin-offs",
        "five-year survival of spin-offs less that of start-ups",
        "share",
        NO_FIGURE,
        0.0,
        _INF,
        _DIRECTION,
        _SPIN_OFFS,
        firms.spin_off_survival_lead,
    ),
    Fact(
        "F19.growth",
        "V",
        "spin-offs",
        "log growth to age five of spin-offs less that of start-ups",
        "ln",
        NO_FIGURE,
        0.0,
        _INF,
        _DIRECTION,
        _SPIN_OFFS,
        firms.spin_off_growth_lead,
    ),
    Fact(
        "F19.age",
        "V",
        "spin-offs",
        "spin-off rate of middle-aged parents over that of young and old",
        "ratio",
        NO_FIGURE,
        1.0,
        _INF,
        _DIRECTION + ": an inverted U in the parent's age",
        _SPIN_OFFS,
        firms.spin_off_hump,
    ),
    Fact(
        "F19.parents",
        "V",
        "spin-offs",
        "spin-off rate of the better half of firms over that of the other",
        "ratio",
        NO_FIGURE,
        1.0,
        _INF,
        _DIRECTION + ": better parents have more",
        _SPIN_OFFS,
        firms.spin_off_parent_quality,
    ),
    Fact(
        "F19.inheritance",
        "V",
        "spin-offs",
        "correlation of parents' and spin-offs' productivity",
        "-",
        NO_FIGURE,
        0.0,
        1.0,
        _DIRECTION + ": better parents have better ones",
        _SPIN_OFFS,
        firms.spin_off_inheritance,
    ),
    Fact(
        "F22",
        "V",
        "life cycle",
        "share of declines by lock-in or loss of key firms",
        "share",
        NO_FIGURE,
        0.5,
        1.0,
        "the two causes that the source names are the main ones",
        "Østergaard & Park 2015",
        places.share_of_declines(Cause.LOCKED_IN, Cause.KEY_LOSS),
    ),
    Fact(
        "F23",
        "C",
        "agglomeration",
        "elasticity of productivity to own-sector jobs, within firms",
        "-",
        0.045,
        0.03,
        0.06,
        "+0.4 to 0.5 % for +10 %, and a third for another country's sectors",
        "Martin, Mayer & Mayneris 2011",
        places.localisation_elasticity,
    ),
    Fact(
        "F24.best",
        "C",
        "agglomeration",
        "gain in productivity near 650 jobs of the own narrow industry",
        "share",
        0.25,
        0.17,
        0.33,
        "a third up and down: read off a curve",
        "Martin, Mayer & Mayneris 2011",
        places.niche_gain,
    ),
    Fact(
        "F24.crowded",
        "C",
        "agglomeration",
        "productivity at 9,000 jobs of the own narrow industry over that near 650, less 1",
        "share",
        1 / 1.25 - 1,
        -0.32,
        -0.12,
        "the gain of 25 % is gone; a third and more up and down, as the source leaves open what "
        "happens further on",
        "Martin, Mayer & Mayneris 2011",
        places.niche_crowding,
    ),
    Fact(
        "F25",
        "V",
        "agglomeration",
        "elasticity of productivity to the density of jobs",
        "-",
        0.045,
        0.02,
        0.07,
        "0.04 to 0.05 on average, and the spread of single estimates about it",
        "World Bank 2021 (more than 1,200 estimates)",
        places.density_elasticity,
    ),
    Fact(
        "F35",
        "V",
        "agglomeration",
        "slope of growth of jobs on related variety",
        "1/bit",
        NO_FIGURE,
        0.0,
        _INF,
        _DIRECTION,
        "Frenken, Van Oort & Verburg 2007",
        places.related_variety_slope,
    ),
    Fact(
        "F37.start_ups",
        "V",
        "clusters",
        "elasticity of start-ups to the presence of related sectors",
        "-",
        NO_FIGURE,
        0.0,
        _INF,
        _DIRECTION,
        "Delgado, Porter & Stern 2010",
        places.start_up_slope,
    ),
    Fact(
        "F37.survival",
        "V",
        "clusters",
        "three-year survival of start-ups in clusters less that of others",
        "share",
        NO_FIGURE,
        0.0,
        _INF,
        _DIRECTION,
        "Delgado, Porter & Stern 2010",
        places.start_up_survival_lead,
    ),
    Fact(
        "F37.convergence",
        "V",
        "clusters",
        "slope of the growth of a local industry on its own level, related sectors held",
        "-",
        NO_FIGURE,
        -_INF,
        0.0,
        _DIRECTION + ": convergence",
        "Delgado, Porter & Stern 2010",
        places.convergence_slope,
    ),
    Fact(
        "F38.degree",
        "C",
        "network",
        "mean collaborations of firms that have any",
        "ties",
        3.03,
        2.5,
        3.6,
        "2 x 22,000 / 14,500; a sixth up and down for what a database of alliances misses",
        "Tomasello et al.",
        places.mean_degree,
    ),
    Fact(
        "F38.length",
        "C",
        "network",
        "mean length of collaborations",
        "years",
        2.0,
        1.5,
        3.0,
        "about two years; what is renewed counts as one here",
        "Tomasello et al.",
        places.tie_length,
    ),
    Fact(
        "F40",
        "C",
        "network",
        "curvature of innovation in cognitive distance to partners",
        "-",
        NO_FIGURE,
        -_INF,
        0.0,
        _DIRECTION + ": an inverted U",
        "Nooteboom et al. 2007",
        places.distance_hump,
    ),
    Fact(
        "F41.all",
        "V",
        "innovation",
        "firms from 10 jobs that are active in innovation, within three years",
        "share",
        0.53,
        0.43,
        0.63,
        "ten points: what counts as new differs between countries by more",
        _CIS,
        firms.surveyed_share("active"),
    ),
    Fact(
        "F41.small",
        "V",
        "innovation",
        "the same, 10 to 49 jobs",
        "share",
        0.445,
        0.345,
        0.545,
        "as above",
        _CIS,
        firms.surveyed_share("active", low=10.0, high=50.0),
    ),
    Fact(
        "F41.medium",
        "V",
        "innovation",
        "the same, 50 to 249 jobs",
        "share",
        0.601,
        0.50,
        0.70,
        "as above",
        _CIS,
        firms.surveyed_share("active", low=50.0, high=250.0),
    ),
    Fact(
        "F41.large",
        "V",
        "innovation",
        "the same, 250 jobs and more",
        "share",
        0.741,
        0.64,
        0.84,
        "as above",
        _CIS,
        firms.surveyed_share("active", low=250.0),
    ),
    Fact(
        "F43.sme_2021",
        "C",
        "innovation",
        "digital intensity at least basic, 10 to 249 jobs, 2021",
        "share",
        0.55,
        0.50,
        0.60,
        "five points: countries differ by more",
        _ICT,
        firms.surveyed_share("digital", 2021, low=10.0, high=250.0),
    ),
    Fact(
        "F43.sme_2023",
        "C",
        "innovation",
        "the same, 2023",
        "share",
        0.58,
        0.53,
        0.63,
        "five points",
        _ICT,
        firms.surveyed_share("digital", 2023, low=10.0, high=250.0),
    ),
    Fact(
        "F43.large",
        "C",
        "innovation",
        "digital intensity at least basic, 250 jobs and more, 2021",
        "share",
        0.895,
        0.82,
        0.96,
        "88 to 91 %, and six points: there are few large firms",
        _ICT,
        firms.surveyed_share("digital", 2021, low=250.0),
    ),
    Fact(
        "F44",
        "V",
        "innovation",
        "firms from 10 jobs with a green innovation, found or adopted, within three years, 2022",
        "share",
        0.09,
        0.04,
        0.14,
        "five points: the source asks for energy and CO2 only",
        "Eurostat, Community Innovation Survey 2022",
        firms.surveyed_share("active_green", 2022),
    ),
)
"""All figures about the economy as it is; those about programmes of policy are in `programmes`."""
