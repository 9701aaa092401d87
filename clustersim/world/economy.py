"""Founding, the economy: sectors, regions and places from their specification."""

from __future__ import annotations

import numpy as np

from clustersim.world.draws import Draws, name_key
from clustersim.world.elementary import direction, euclidean
from clustersim.world.linear import cosine
from clustersim.world.spec import ParadigmSpec, RegionSpec, SectorSpec, WorldSpec
from clustersim.world.types import Flags, Floats
from clustersim.world.world import Fields, Places, Regions, Sectors

SPACING_KM = 90.0
"""Distance between neighbouring regions where a scenario gives no coordinates (assumption: about
the size of a NUTS 2 region)."""
AREA_KM2 = 8000.0
"""Area of a region where none is given: SPACING_KM squared, rounded (assumption)."""
EMPLOYMENT_RATE = 0.45
"""Jobs over inhabitants where no population is given (assumption)."""
WAGE = 40_000.0
"""Wage cost at cost level 1, euro per job and year (assumption, euro of 2020)."""

_GOLDEN_TURN = (3.0 - np.sqrt(5.0)) / 2.0
"""Share of a turn from one region of the spiral to the next."""
_DRAWN_FIELDS = 8
"""Fields that matter in a paradigm that is drawn (assumption)."""
_DRAWN_DECAY = 0.72
"""Weight of each of them over the one before (assumption)."""
_TWIN_BONUS = 0.35
"""What a score uniform in [0, 1) gains in the first paradigm if a field is neither digital nor
green, and in the second if it is (assumption)."""


def make_fields(spec: WorldSpec, paradigms: Floats) -> Fields:
    """Return the technology fields; two are related when the same sectors use them.

    Parameters
    ----------
    spec
        The world's specification.
    paradigms
        Relevance under each paradigm of each sector, shape (paradigms of all sectors, M). That two
        fields go together is taken for a property of technology: paradigms that are still to come
        count as well (assumption).
    """
    relatedness = cosine(paradigms.T, paradigms.T)
    np.fill_diagonal(relatedness, 1.0)
    return Fields(
        names=tuple(field.name for field in spec.fields),
        digital=np.array(["digital" in field.tags for field in spec.fields]),
        green=np.array(["green" in field.tags for field in spec.fields]),
        relatedness=relatedness,
    )


def make_sectors(spec: WorldSpec, jobs: Floats, draws: Draws) -> Sectors:
    """Return the sectors.

    World demand at the start is the home jobs of the sector over its ``home_share``; the jobs of
    the rest of the world are what is left of it. Weights of a paradigm are scaled to sum to one;
    the first rules at the start.

    Parameters
    ----------
    spec
        The world's specification.
    jobs
        Simulated jobs at the start, shape (R, S).
    draws
        Luck: paradigms that the scenario leaves open are drawn.
    """
    weights, year, width = _paradigms(spec, draws)
    names = tuple(sector.name for sector in spec.sectors)
    n = len(names)
    inputs = np.zeros((n, n))
    for buyer, sector in enumerate(spec.sectors):
        for seller, coefficient in sector.inputs.items():
            inputs[names.index(seller), buyer] = coefficient
    home = np.array([sector.home_share for sector in spec.sectors])
    demand = jobs.sum(axis=0) / home
    return Sectors(
        names=names,
        demand_start=demand,
        demand_growth=np.array([sector.demand_growth for sector in spec.sectors]),
        demand_factor=np.ones(n),
        export_share=np.array([sector.export_share for sector in spec.sectors]),
        carbon_intensity=np.array([sector.carbon_intensity for sector in spec.sectors]),
        value_added=np.array([sector.value_added for sector in spec.sectors]),
        green_saving=np.array([sector.green_saving for sector in spec.sectors]),
        inputs=inputs,
        paradigm_weights=weights,
        paradigm_year=year,
        paradigm_width=width,
        has_paradigm=np.isfinite(year) | (np.arange(year.shape[1]) == 0),
        relevance=weights[:, 0, :].copy(),
        world_log_productivity=np.zeros(n),
        world_standing=np.full(n, np.nan),
        world_jobs=demand - jobs.sum(axis=0),
        home_log_productivity=np.zeros(n),
        mean_log_productivity=np.zeros(n),
    )


def _paradigms(spec: WorldSpec, draws: Draws) -> tuple[Floats, Floats, Floats]:
    field_names = [field.name for field in spec.fields]
    chosen = [sector.paradigms or _drawn(spec, s, draws) for s, sector in enumerate(spec.sectors)]
    shape = (len(chosen), max(len(paradigms) for paradigms in chosen))
    weights = np.zeros((*shape, len(field_names)))
    year = np.full(shape, np.inf)
    width = np.ones(shape)
    for s, paradigms in enumerate(chosen):
        for p, paradigm in enumerate(paradigms):
            if p > 0 and paradigm.year is None:
                msg = f"sector {spec.sectors[s].name!r}: its {p + 1}. paradigm needs a year"
                raise ValueError(msg)
            for name, weight in paradigm.weights.items():
                weights[s, p, field_names.index(name)] = weight
            weights[s, p] /= weights[s, p].sum()
            year[s, p] = -np.inf if p == 0 or paradigm.year is None else paradigm.year
            width[s, p] = paradigm.width
        weights[s, len(paradigms) :] = weights[s, len(paradigms) - 1]
    return weights, year, width


def _drawn(spec: WorldSpec, sector: int, draws: Draws) -> tuple[ParadigmSpec, ParadigmSpec]:
    """Return two paradigms for a sector that names none.

    Each field has a score, uniform, and gains `_TWIN_BONUS` in the first paradigm if it is not of
    the digital or green transition. Its score in the second is half of the first's luck and half
    new luck, with the bonus for fields of the transition. The `_DRAWN_FIELDS` fields of highest
    score matter, with weights ``_DRAWN_DECAY**rank``. The second paradigm is half-way 20 to 40
    years after the start and has a width of 2 to 5 years, both evenly spread (assumptions).
    """
    n_fields = len(spec.fields)
    key = np.array([name_key(spec.sectors[sector].name)])
    lanes = draws.uniforms("founding.paradigm", key, 2 * n_fields + 2)[0]
    twin = np.array([bool(field.tags) for field in spec.fields])
    first = lanes[:n_fields] + _TWIN_BONUS * ~twin
    later = 0.5 * lanes[:n_fields] + 0.5 * lanes[n_fields : 2 * n_fields] + _TWIN_BONUS * twin
    n_used = min(_DRAWN_FIELDS, n_fields)

    def weights(score: Floats) -> dict[str, float]:
        order = np.argsort(-score)[:n_used]
        return {spec.fields[m].name: _DRAWN_DECAY**rank for rank, m in enumerate(order)}

    return (
        ParadigmSpec(weights=weights(first)),
        ParadigmSpec(
            year=spec.start_year + 20.0 + 20.0 * lanes[-2],
            width=2.0 + 3.0 * lanes[-1],
            weights=weights(later),
        ),
    )


def later_relevance(known: Floats, luck: Floats, twin: Flags) -> Floats:
    """Return the relevance of the fields under a paradigm that is drawn in a run, shape (M,).

    Eight fields matter, with geometrically falling weights: half what matters in the sector already
    and half luck decides, and fields of the digital and green transition are preferred, as in
    paradigms that are drawn at the founding (assumptions).

    Parameters
    ----------
    known
        Relevance under the sector's last paradigm, shape (M,).
    luck
        Uniforms, shape (M,).
    twin
        Which fields belong to the digital or green transition, shape (M,).
    """
    score = 0.5 * known / known.max() + 0.5 * luck + _TWIN_BONUS * twin
    used = np.argsort(-score)[:_DRAWN_FIELDS]
    weights = np.zeros(score.size)
    weights[used] = [_DRAWN_DECAY**rank for rank in range(used.size)]
    relevance: Floats = weights / weights.sum()
    return relevance


def make_regions(spec: WorldSpec, jobs: Floats) -> Regions:
    """Return the regions; those without coordinates are laid out on a sunflower spiral.

    Region n = 0, 1, ... of the spiral lies ``SPACING_KM sqrt((n + 1/2) / pi)`` from the origin,
    ``n _GOLDEN_TURN`` turns from the east, so that each has as much room. Inhabitants are real
    jobs over `EMPLOYMENT_RATE` where they are not given. The wage is `WAGE` times the cost level.

    Parameters
    ----------
    spec
        The world's specification.
    jobs
        Simulated jobs at the start, shape (R, S).
    """
    order = np.arange(len(spec.regions))
    radius = SPACING_KM * np.sqrt(order + 0.5) / np.sqrt(np.pi)
    east, north = direction(order * _GOLDEN_TURN)
    x = _values(spec.regions, "x", radius * east)
    y = _values(spec.regions, "y", radius * north)
    real_jobs = jobs.sum(axis=1) * spec.employment_scale
    cost_level = np.array([region.cost_level for region in spec.regions])
    area = _values(spec.regions, "area_km2", np.full(x.size, AREA_KM2))
    return Regions(
        names=tuple(region.name for region in spec.regions),
        key=np.array([name_key(region.name) for region in spec.regions]),
        x=x,
        y=y,
        km=euclidean(x[:, None] - x[None, :], y[:, None] - y[None, :]),
        area_km2=area,
        population=_values(spec.regions, "population", real_jobs / EMPLOYMENT_RATE),
        cost_level=cost_level,
        institutional_quality=np.array([region.institutional_quality for region in spec.regions]),
        jobs_usual=_usual(spec.regions, jobs, area),
        wage=WAGE * cost_level,
    )


def _usual(regions: tuple[RegionSpec, ...], jobs: Floats, area: Floats) -> Floats:
    """Return the jobs that are usual for each region, shape (R,), of jobs of shape (R, S).

    Where the area is known, those at the mean density of the regions whose area is known. Else
    those at the start: nobody knows how dense they are.
    """
    known = np.array([region.area_km2 is not None for region in regions])
    density = jobs[known].sum() / max(area[known].sum(), 1.0)
    usual: Floats = np.where(known, density * area, jobs.sum(axis=1))
    return usual


def _values(regions: tuple[RegionSpec, ...], name: str, otherwise: Floats) -> Floats:
    given = [getattr(region, name) for region in regions]
    return np.array([o if g is None else g for g, o in zip(given, otherwise, strict=True)])


def make_places(spec: WorldSpec, regions: Regions, jobs: Floats, draws: Draws) -> Places:
    """Return the local industries: each has its district somewhere in the region.

    People without work are ``jobs u / (1 - u)`` in each place, u the unemployment of the founding.

    Parameters
    ----------
    spec
        The world's specification.
    regions
        The regions.
    jobs
        Simulated jobs at the start, shape (R, S).
    draws
        Luck: where the districts lie, evenly over a disc of the region's area.
    """
    shape = jobs.shape
    key = np.array(
        [[name_key(region, sector.name) for sector in spec.sectors] for region in regions.names]
    )
    lanes = draws.uniforms("founding.district", key.ravel(), 2).reshape(*shape, 2)
    radius = np.sqrt(regions.area_km2[:, None] / np.pi * lanes[..., 0])
    east, north = direction(lanes[..., 1])
    rate = spec.founders.unemployment
    return Places(
        unemployed=jobs * rate / (1.0 - rate),
        skill=np.ones(shape),
        labour_advantage=np.zeros(shape),
        supply_advantage=np.zeros(shape),
        key=key,
        x=regions.x[:, None] + radius * east,
        y=regions.y[:, None] + radius * north,
    )


def simulated_jobs(spec: WorldSpec) -> Floats:
    """Return simulated jobs by region and sector, shape (R, S)."""
    return _table(spec.regions, spec.sectors, "jobs") / spec.employment_scale


def real_firms(spec: WorldSpec) -> Floats:
    """Return real firms by region and sector, shape (R, S); NaN where they are not known."""
    return _table(spec.regions, spec.sectors, "firms", absent=np.nan)


def _table(
    regions: tuple[RegionSpec, ...],
    sectors: tuple[SectorSpec, ...],
    name: str,
    absent: float = 0.0,
) -> Floats:
    rows = [
        [getattr(region, name).get(sector.name, absent) for sector in sectors] for region in regions
    ]
    return np.array(rows, dtype=np.float64).reshape(len(regions), len(sectors))
