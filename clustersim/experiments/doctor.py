"""Is this installation sound? Each part is looked at, and a small run is made to prove it."""

from __future__ import annotations

import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from clustersim.experiments.provenance import PACKAGES, versions
from clustersim.store import leftovers, read_run
from clustersim.store.files import REPLACED

OLDEST_PYTHON: Final = (3, 11)
"""Oldest Python that is supported."""

LEAST_FREE_BYTES: Final = 200_000_000
"""Free space below which a run may not be stored: a large run writes some 100 MB."""

SMOKE_SCENARIO: Final = "base"
SMOKE_YEARS: Final = 1.0


@dataclass(frozen=True)
class Check:
    """One thing that was looked at.

    Attributes
    ----------
    name
        What was looked at.
    ok
        Whether all is well. Leftovers of dead runs are harmless and count as well.
    found
        What was found, and the remedy if it is not well.
    """

    name: str
    ok: bool
    found: str

    def to_dict(self) -> dict[str, Any]:
        """Return the check as a dictionary that JSON can hold."""
        return asdict(self)


def examine(runs: str | Path = "runs") -> list[Check]:
    """Look at everything.

    Parameters
    ----------
    runs
        Folder in which results are kept.

    Returns
    -------
    list of Check
        None raises an error: a check that fails unexpectedly is not ok and says why.
    """
    place = Path(runs)
    checks: dict[str, Callable[[], tuple[bool, str]]] = {
        "python": check_python,
        "packages": check_packages,
        "compiled kernels": check_kernel_cache,
        "disk": lambda: check_disk(place),
        "scenarios": check_scenarios,
        "leftovers": lambda: check_leftovers(place),
        "smoke run": check_smoke_run,
    }
    return [_checked(name, look) for name, look in checks.items()]


def _checked(name: str, look: Callable[[], tuple[bool, str]]) -> Check:
    try:
        return Check(name, *look())
    except Exception as error:  # whatever is broken is what is to be reported
        return Check(name, False, f"{type(error).__name__}: {error}")


def check_python() -> tuple[bool, str]:
    """Look at the version of Python."""
    ok = sys.version_info >= OLDEST_PYTHON
    wanted = "" if ok else f"; at least {'.'.join(map(str, OLDEST_PYTHON))} is needed"
    return ok, f"{platform.python_version()} at {sys.executable}{wanted}"


def check_packages() -> tuple[bool, str]:
    """Look for the packages that are computed with."""
    found = versions()
    missing = [name for name in PACKAGES if found[name] is None]
    text = ", ".join(f"{name} {number}" for name, number in found.items() if number is not None)
    if missing:
        text = f"missing: {', '.join(missing)}; install clustersim again. There are {text}"
    return not missing, text


def check_kernel_cache() -> tuple[bool, str]:
    """Look whether compiled kernels can be kept, so that only the first run waits for them."""
    from clustersim.world.kernel import kernel

    # Where numba keeps a kernel that is defined in this file, in the same folder or its stead.
    probe: Any = kernel(_probe)
    folder = Path(probe.stats.cache_path)
    place = next(one for one in (folder, *folder.parents) if one.exists())
    if os.access(place, os.W_OK):
        return True, f"kept in {folder}"
    return False, f"{folder} is read-only; set NUMBA_CACHE_DIR to a folder that can be written to"


def _probe(value: float) -> float:
    return value


def check_disk(runs: Path) -> tuple[bool, str]:
    """Look whether results can be written, and whether there is room for them."""
    folder = runs.absolute()
    place = next(one for one in (folder, *folder.parents) if one.exists())
    if not place.is_dir() or not os.access(place, os.W_OK | os.X_OK):
        return False, f"{place} cannot be written to; work in another folder or use --out"
    free = shutil.disk_usage(place).free
    text = f"{free / 1e9:.1f} GB free for {folder}"
    return free >= LEAST_FREE_BYTES, text if free >= LEAST_FREE_BYTES else f"only {text}"


def check_scenarios() -> tuple[bool, str]:
    """Read every scenario that comes with the package."""
    from clustersim.scenario.builtin import builtin_scenarios
    from clustersim.scenario.problems import ScenarioError
    from clustersim.scenario.reader import read_scenario

    found = builtin_scenarios()
    broken = []
    for one in found:
        try:
            read_scenario(one.name)
        except ScenarioError as error:
            broken.append(f"{one.name} ({len(error.problems)} problems)")
    if broken:
        return False, f"cannot be read: {', '.join(broken)}; see `clustersim check NAME`"
    if not found:
        return False, "none found; install clustersim again"
    return True, f"{len(found)}: {', '.join(one.name for one in found)}"


def check_leftovers(runs: Path) -> tuple[bool, str]:
    """Look for what runs that were cut short left behind."""
    found = leftovers(runs)
    only = {path: original for path in found if (original := _only_copy_of(path)) is not None}
    idle = [str(path) for path in found if path not in only]
    texts = [f"safe to delete: {', '.join(idle)}"] if idle else []
    texts += [
        f"{path} is the only copy of {original}, whose replacement was cut short; rename it back"
        for path, original in only.items()
    ]
    return not only, "; ".join(texts) or "none"


def _only_copy_of(leftover: Path) -> Path | None:
    """Return the folder that a leftover is the only copy of, if it is one."""
    name, replaced, _ = leftover.name.removeprefix(".").partition(REPLACED)
    original = leftover.with_name(name)
    return original if replaced and not original.exists() else None


def check_smoke_run() -> tuple[bool, str]:
    """Make a short run, store it and read it back."""
    from clustersim.experiments.run import run

    with tempfile.TemporaryDirectory(prefix="clustersim-doctor-") as folder:
        result = run(SMOKE_SCENARIO, years=SMOKE_YEARS, out=Path(folder) / "run")
        stored = read_run(Path(folder) / "run")
        stored.verify()
    ok = stored.manifest["fingerprint"] == result.fingerprint
    seconds = result.manifest["seconds"]
    return ok, f"{SMOKE_SCENARIO}, {SMOKE_YEARS:g} year, stored and read back in {seconds:.1f} s"
