"""What a result was made with: versions, machine, and the state of the checkout."""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final

import clustersim

PACKAGES: Final = (
    "mesa",
    "networkx",
    "numba",
    "numpy",
    "pandas",
    "pyarrow",
    "pydantic",
    "scipy",
)
"""Packages whose version may matter for a result."""

_GIT_SECONDS: Final = 10


def environment() -> dict[str, Any]:
    """Return versions, machine and commit, for a manifest.

    Returns
    -------
    dict
        ``versions`` by package (None where not installed), ``platform``, and ``git``: commit and
        whether files differ from it, or None outside a checkout; ``sources`` as `sources`.
    """
    return {
        "versions": versions(),
        "platform": machine(),
        "git": commit(),
        "sources": sources(),
    }


def sources() -> str:
    """Return the SHA-256 over names and contents of the program's own Python files."""
    root = Path(clustersim.__file__).resolve().parent
    digest = hashlib.sha256()
    for name in sorted(path.relative_to(root).as_posix() for path in root.rglob("*.py")):
        content = hashlib.sha256((root / name).read_bytes()).hexdigest()
        digest.update(f"{name}\0{content}\n".encode())
    return digest.hexdigest()


def versions() -> dict[str, str | None]:
    """Return the versions of Python, clustersim and the packages it computes with."""
    found: dict[str, str | None] = {
        "clustersim": clustersim.__version__,
        "python": platform.python_version(),
    }
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = None
    return found


def machine() -> dict[str, Any]:
    """Return operating system, processor and number of cores."""
    return {
        "system": platform.platform(),
        "processor": platform.machine(),
        "cores": os.cpu_count(),
    }


def commit() -> dict[str, Any] | None:
    """Return the commit of the checkout the package is in, or None if it is in none."""
    root = Path(clustersim.__file__).resolve().parents[1]
    git = shutil.which("git")
    if git is None or not (root / ".git").exists():
        return None
    head = _git(git, root, "rev-parse", "HEAD")
    changes = _git(git, root, "status", "--porcelain")
    if head is None or changes is None:
        return None
    return {"commit": head, "changed": bool(changes)}


def _git(git: str, root: Path, *arguments: str) -> str | None:
    """Return what git says, or None if it fails, as in a checkout without a commit."""
    try:
        done = subprocess.run(  # noqa: S603  # fixed arguments, no shell
            [git, "-C", str(root), *arguments],
            check=True,
            capture_output=True,
            text=True,
            timeout=_GIT_SECONDS,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()
