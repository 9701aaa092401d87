"""The stages of the cluster life cycle and the thresholds that tell them apart."""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import IntEnum


class Stage(IntEnum):
    """Stage of a cluster's life cycle (Menzel & Fornahl 2010; the five of the policy brief)."""

    NONE = 0
    """Nothing is there: no jobs, or no firms."""
    INFANCY = 1
    """Small, of few firms or young, and never yet beyond that."""
    GROWTH = 2
    """Jobs grow at a sustained rate."""
    MATURITY = 3
    """Jobs neither grow nor fall at a sustained rate."""
    DECLINE = 4
    """Jobs have fallen from their own peak and go on falling."""
    RENEWAL = 5
    """Jobs grow again after a fall, or together with a rise of the newer paradigm."""


@dataclass(frozen=True)
class StageRule:
    """Thresholds by which stages are read off yearly series.

    All are assumptions: Menzel & Fornahl 2010 (*Industrial and Corporate Change* 19(1)) describe
    the stages by size, growth, number of firms and heterogeneity, without numbers. The defaults
    are set so that independent yearly noise of 5 % of jobs gives a constant cluster less than one
    false transition in 500 years.

    Attributes
    ----------
    window
        Years (the present one and those before) over which jobs are averaged and growth is
        measured, at least 3.
    growth_up
        Growth from which a cluster grows, log difference per year (0.03 is about 3 %/year).
    growth_down
        Shrinkage from which it shrinks, log difference per year, positive.
    hold
        Growth and renewal last while growth is at least this share of ``growth_up``; a cluster
        that shrinks by less than this share of ``growth_down`` does not fall.
    near_peak
        Share of its own peak from which a cluster is near its peak; a shrinking one that is near
        its peak is not yet in decline.
    decline_depth
        Loss from its own peak, as a share, from which slower shrinkage is decline too.
    min_years
        Years in a row for which a new stage must be indicated before it is accepted.
    infancy_share
        A cluster is small below this share of the reference size.
    infancy_firms
        A cluster of fewer firms is in infancy (count).
    infancy_years
        A cluster is young for so many years after it appeared (years). The age of a cluster that
        is there in the first year of the record is unknown, and it is not called young.
    settle_years
        Years of calm after which a decline has ended and the cluster is mature at its new size.
    renewal_newer_rise
        Rise of the newer paradigm's share over ``window`` years that makes growth out of maturity
        a renewal (difference of shares).
    renewal_complete
        Size, as a share of the peak before the renewal, from which further growth is growth again.
    lock_in_share
        A cluster that declines with a smaller share on the newer paradigm is called locked in.
    notable_change
        Relative change of heterogeneity or of the number of firms that is named as a reason.
    """

    window: int = 5
    growth_up: float = 0.03
    growth_down: float = 0.02
    hold: float = 0.5
    near_peak: float = 0.9
    decline_depth: float = 0.25
    min_years: int = 3
    infancy_share: float = 0.5
    infancy_firms: float = 5.0
    infancy_years: int = 3
    settle_years: int = 5
    renewal_newer_rise: float = 0.1
    renewal_complete: float = 1.25
    lock_in_share: float = 0.5
    notable_change: float = 0.05

    def __post_init__(self) -> None:
        """Refuse thresholds without meaning."""
        problems = [
            f"{name}: expected {wanted}, got {getattr(self, name)}"
            for name, wanted, good in (
                ("window", "at least 3 years", self.window >= 3),  # noqa: PLR2004
                ("growth_up", "a positive rate", self.growth_up > 0),
                ("growth_down", "a positive rate", self.growth_down > 0),
                ("hold", "a share in [0, 1]", 0 <= self.hold <= 1),
                ("near_peak", "a share in (0, 1]", 0 < self.near_peak <= 1),
                ("decline_depth", "a share in (0, 1)", 0 < self.decline_depth < 1),
                ("min_years", "at least 1 year", self.min_years >= 1),
                ("settle_years", "at least 1 year", self.settle_years >= 1),
                ("renewal_complete", "at least near_peak", self.renewal_complete >= self.near_peak),
            )
            if not good
        ]
        problems += [
            f"{field.name}: expected at least 0, got {getattr(self, field.name)}"
            for field in fields(self)
            if not getattr(self, field.name) >= 0
        ]
        if problems:
            raise ValueError("; ".join(problems))

    @property
    def delay(self) -> int:
        """Years between a turn and its being seen: half the window, and the years it must last."""
        return self.window // 2 + self.min_years - 1


DEFAULT_STAGE_RULE = StageRule()
