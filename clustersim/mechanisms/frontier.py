"""The moving frontier: what must be known, and how the rest of the world keeps up."""

from __future__ import annotations

from typing import Any, ClassVar, final

import numpy as np

from clustersim.mechanisms.base import Mechanism, parameter
from clustersim.world.draws import Draws
from clustersim.world.elementary import exp, expm1, log
from clustersim.world.kernel import kernel
from clustersim.world.linear import row_sums
from clustersim.world.paradigms import relevance
from clustersim.world.world import DT, World

LEAST_OVERLAP = 0.1
"""Somebody in the rest of the world is always at the frontier: at least a tenth of what a sector
needs is known there, however fast a paradigm comes (assumption)."""


@final
class Frontier(Mechanism):
    """Paradigms move the relevance of fields; knowledge that stands still becomes obsolete.

    Relevance of field m in sector s under paradigms p = 0, 1, ... in the order of their years::

        w_s(t) = w_s0, then for each p >= 1:  w_s <- (1 - phi_p) w_s + phi_p w_sp
        phi_p(t) = 1 / (1 + exp(-(t - year_p) / width_p))

    Everybody's knowledge is measured against the world frontier (= 1), which moves on::

        k_im <- k_im exp(-obsolescence dt)

    The rest of the world knows what was relevant `world_lag` years ago, and imitates: its log
    productivity in sector s is::

        standing_s <- standing_s + (1 - exp(-world_imitation dt)) max(home_s - standing_s, 0)
        a_s = ln(max(sum_m min(w_sm(t), w_sm(t - world_lag)), LEAST_OVERLAP)) + standing_s

    with ``home_s`` the mean log productivity of the firms at home in the last quarter. Standing is
    what the rest of the world has once its knowledge has caught up: it imitates a lead of home, and
    its own lag behind a new paradigm is made good by time alone. ``standing_s`` is set by the
    market in its first quarter, so that home and the rest of the world start level.

    With `paradigms` off relevance stays as it is, and so does what the rest of the world knows.
    With the mechanism off nothing becomes obsolete and no paradigm ever comes: there is no
    technology-driven decline.

    Sources: relevance and paradigms as in history-friendly models (Malerba, Nelson, Orsenigo &
    Winter 1999). The rates are assumptions.
    """

    name: ClassVar[str] = "frontier"
    reads: ClassVar[tuple[str, ...]] = (
        "sectors.paradigm_weights",
        "sectors.paradigm_year",
        "sectors.paradigm_width",
        "sectors.home_log_productivity",
        "sectors.world_standing",
        "actors.knowledge",
    )
    writes: ClassVar[tuple[str, ...]] = (
        "sectors.relevance",
        "sectors.world_log_productivity",
        "sectors.world_standing",
        "actors.knowledge",
    )

    paradigms: bool = parameter(
        True,
        unit="-",
        meaning="Whether paradigms change; if not, the first of each sector rules for ever.",
        source="switch for null models",
    )
    obsolescence: float = parameter(
        0.02,
        low=0.0,
        high=0.5,
        unit="1/year",
        meaning="Rate at which the world frontier leaves standing knowledge behind.",
        source="assumption; 1.7 to 2.9 %/year gave life cycles in exploratory runs",
    )
    world_lag: float = parameter(
        9.0,
        low=0.0,
        high=50.0,
        unit="years",
        meaning="Delay with which the rest of the world follows a change of paradigm.",
        source="assumption; set so that jobs at home stay level through the changes of `base`",
    )
    world_imitation: float = parameter(
        0.2,
        low=0.0,
        high=5.0,
        unit="1/year",
        meaning="Rate at which the rest of the world closes its gap to the firms at home.",
        source="assumption; set with `world_lag`",
    )

    def apply(self, world: World, draws: Draws) -> None:  # noqa: ARG002  # nothing here is luck
        """Move relevance, the rest of the world, and the age of everybody's knowledge."""
        sectors, now = world.sectors, world.clock.year
        past = sectors.relevance
        if self.paradigms:
            sectors.relevance[:] = relevance(sectors, now)
            past = relevance(sectors, now - self.world_lag)
        _move_world(
            sectors.relevance,
            past,
            sectors.home_log_productivity,
            -expm1(-self.world_imitation * DT),
            sectors.world_standing,
            sectors.world_log_productivity,
        )
        _fade(world.actors.knowledge, exp(-self.obsolescence * DT))


@kernel
def _move_world(
    relevance: Any, past: Any, home: Any, step: Any, standing: Any, log_productivity: Any
) -> None:
    known = row_sums(np.minimum(relevance, past))
    for s in range(known.size):
        if not np.isnan(standing[s]):  # set by the market in its first quarter
            standing[s] += step * max(home[s] - standing[s], 0.0)
        log_productivity[s] = log(max(known[s], LEAST_OVERLAP))
        if not np.isnan(standing[s]):
            log_productivity[s] += standing[s]


@kernel
def _fade(knowledge: Any, factor: Any) -> None:
    for i in range(knowledge.shape[0]):
        for m in range(knowledge.shape[1]):
            knowledge[i, m] = knowledge[i, m] * factor
