"""Each preset moves what it is about in the direction that it stands for, seed by seed."""

from pathlib import Path

import numpy as np
import pytest

from clustersim.experiments.validation import phenomena
from clustersim.experiments.validation.programmes import FINDINGS
from clustersim.experiments.validation.scorecard import Job
from clustersim.experiments.validation.trials import Trial

VALLEYS = Path(__file__).parent / "data" / "valleys.yaml"
SEEDS = (1, 2, 3)


def found(finding, preset):
    """Return a finding on three valleys under a preset, shape (seeds,)."""
    (one,) = (one for one in FINDINGS if one.id == finding)
    trials = [Trial(str(VALLEYS), seed, (("evidence", [preset]),)) for seed in SEEDS]
    # Without any programme the presets of policies change nothing.
    without = [Trial(str(VALLEYS), seed).without for seed in SEEDS]
    courses = zip(trials, without, strict=True)
    return np.array([one.measure(trial.with_programme(one.programme), w) for trial, w in courses])


def test_more_private_research_comes_of_a_public_euro():
    low, central, high = (
        found("P16", f"additionality_{name}") for name in ("low", "central", "high")
    )
    assert (low < central).all()
    assert (central < high).all()


def test_networks_last_or_fade():
    fading, lasting = (found("P5.after", f"effects_{name}") for name in ("fade", "last"))
    assert (lasting > fading).all()
    # While they are funded they grow either way.
    assert (found("P5.size", "effects_fade") > 0.0).all()


@pytest.fixture(scope="module")
def roots():
    """Return concentration and externality premium of each preset, shape (2, seeds)."""

    def of(presets):
        overrides = (("evidence", presets), ("years", 40))
        panels = [Job(str(VALLEYS), seed, overrides).panel() for seed in SEEDS]
        measures = (phenomena.concentration, phenomena.externality_premium)
        return np.array([[measure(panel) for panel in panels] for measure in measures])

    return {name: of([name] if name else []) for name in ("", "agglomeration", "heritage")}


def test_heritage_needs_no_good_places(roots):
    concentration, premium = roots["heritage"]
    assert (premium < 0.5 * roots[""][1]).all()
    # Firms are still together: most of the concentration is left.
    assert (concentration > 0.5 * roots[""][0]).all()


def test_agglomeration_needs_no_parents_nearby(roots):
    concentration, premium = roots["agglomeration"]
    assert (concentration < roots[""][0]).all()
    assert premium.mean() > 2.0 * roots["heritage"][1].mean()
