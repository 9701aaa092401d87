"""The quarter of knowledge: learning over ties and in place, innovation, adoption."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clustersim.mechanisms.adoption import Adoption
from clustersim.mechanisms.innovation import Innovation
from clustersim.mechanisms.learning import Learning
from clustersim.mechanisms.place_learning import PlaceLearning

if TYPE_CHECKING:
    from tests.reference.twin import TwinModel


def learning(model: TwinModel, p: Learning) -> None:
    """Let everybody learn from partners, all at once."""
    researchers = model.researchers
    researchers.do("take_stock")
    researchers.do("consider_partners", p)
    researchers.do("learn")


def place_learning(model: TwinModel, p: PlaceLearning) -> None:
    """Let firms take up what the firms of their place know, weighted by jobs."""
    jobs: dict[tuple[int, int], float] = {}
    common: dict[tuple[int, int], list[float]] = {}
    for firm in model.firms:
        key = (firm.region, firm.sector)
        so_far = common.get(key, [0.0] * len(model.fields))
        common[key] = [c + firm.size * k for c, k in zip(so_far, firm.knowledge, strict=True)]
        jobs[key] = jobs.get(key, 0.0) + firm.size
    for key, total in jobs.items():
        if total > 0.0:
            common[key] = [c / total for c in common[key]]
    model.firms.do("learn_in_place", common, p)


def innovation(model: TwinModel, p: Innovation) -> None:
    """Count everybody's innovations, then realise them."""
    researchers = model.researchers
    researchers.do("take_stock")
    researchers.do("count_arrivals", p)
    researchers.do("innovate", p)


def adoption(model: TwinModel, p: Adoption) -> None:
    """Let firms adopt digital technology, then green technology."""
    for transition in ("digital", "green"):
        model.firms.do("consider_adoption", transition, p)
        model.firms.do("adopt", transition, p)
