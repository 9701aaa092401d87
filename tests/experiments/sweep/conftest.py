"""A sweep that nothing disturbed."""

from pathlib import Path

import pytest

from clustersim.experiments.sweep.sweep import Engine, sweep
from clustersim.store import StoredRuns
from tests.experiments.sweep.small import study


@pytest.fixture(scope="session")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> StoredRuns:
    """Folder of the small study, done by one worker."""
    out: Path = tmp_path_factory.mktemp("undisturbed") / "runs"
    return sweep(study(), out, engine=Engine(workers=1))
