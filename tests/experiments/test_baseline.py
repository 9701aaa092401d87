"""What the built-in baseline must show: a life cycle that no mechanism was told of."""

from __future__ import annotations

from pathlib import Path

import clustersim
from clustersim.experiments.run import run

FIVE = {"infancy", "growth", "maturity", "decline", "renewal"}


def test_all_stages_occur_in_the_baseline() -> None:
    result = run("base")
    assert set(result.tables["stages"]["stage"].tolist()) >= FIVE
    jobs = result.tables["economy"]["jobs"]
    assert 0.8 < jobs[-1] / jobs[0] < 1.25
    rates = result.summary()
    assert rates.entry_rate is not None
    assert rates.exit_rate is not None
    assert 0.06 < rates.exit_rate < 0.12
    assert 2.0 < rates.mean_degree < 4.0


def test_no_mechanism_reads_a_stage() -> None:
    package = Path(clustersim.__file__).parent
    for source in [*(package / "mechanisms").glob("*.py"), *(package / "world").glob("*.py")]:
        text = source.read_text(encoding="utf-8")
        assert "lifecycle" not in text, source
        assert "clustersim.measures" not in text, source
