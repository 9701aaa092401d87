"""A small valid scenario, and a way to write scenarios into an empty folder."""

from collections.abc import Callable
from pathlib import Path

import pytest

DATA = Path(__file__).parent / "data"


@pytest.fixture(scope="session")
def small() -> Path:
    """Scenario of three regions and two sectors."""
    return DATA / "small.yaml"


@pytest.fixture
def write(tmp_path: Path, small: Path) -> Callable[..., Path]:
    """Write a file into a folder in which `small.yaml` lies too."""
    (tmp_path / "small.yaml").write_bytes(small.read_bytes())

    def write_file(text: str | bytes, name: str = "mine.yaml") -> Path:
        path = tmp_path / name
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    return write_file
