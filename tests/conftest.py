"""What all tests share: settings of the process, Hypothesis profiles, fixtures."""

import os
from pathlib import Path

# Before the first import of matplotlib or numba: no window, and a threading layer that survives
# a fork (GNU OpenMP aborts the child).
os.environ["MPLBACKEND"] = "Agg"
os.environ.setdefault("NUMBA_THREADING_LAYER", "workqueue")
os.environ.setdefault("NUMBA_NUM_THREADS", "1")

import pytest
from hypothesis import HealthCheck, settings

# The first call of a kernel compiles it, hence no deadline; a busy machine is no failure.
settings.register_profile("local", deadline=None)
settings.register_profile(
    "ci",
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("ci" if os.environ.get("CI") else "local")

CHECKOUT = Path(__file__).resolve().parents[1]


def pytest_configure() -> None:
    """Give each process of a parallel run of tests one core, where the system can say so.

    What uses all cores if nothing is said does its few short runs itself then: other processes take
    longer to start than to do them, and the other cores have tests of their own.
    """
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    if worker and hasattr(os, "sched_setaffinity"):
        cores = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, {cores[int(worker.removeprefix("gw")) % len(cores)]})


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of the public data sets, which lies beside the checkout."""
    folder = CHECKOUT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("needs the public data sets in ../shared/data beside the checkout")
    return folder


@pytest.fixture
def empty_cwd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Empty folder that is the working directory for the length of the test."""
    monkeypatch.chdir(tmp_path)
    return tmp_path
