"""Every file in tests/scenarios_invalid has the mistakes that its first lines tell, and no others.

A line reads ``# expect: LINE:COLUMN message | hint``; both texts are parts of what is shown.
"""

import re
from pathlib import Path

import pytest

from clustersim.scenario.problems import ScenarioError
from clustersim.scenario.reader import read_scenario

FOLDER = Path(__file__).resolve().parents[1] / "scenarios_invalid"
EXPECT = re.compile(r"^# expect: (\d+):(\d+) (.*?)(?: \| (.*))?$", re.MULTILINE)


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.yaml")), ids=lambda path: path.stem)
def test_each_mistake_is_found_where_it_is(path: Path) -> None:
    expected = EXPECT.findall(path.read_text(encoding="utf-8"))
    assert expected
    with pytest.raises(ScenarioError) as caught:
        read_scenario(path)
    shown = [str(problem) for problem in caught.value.problems]
    assert len(shown) == len(expected), shown
    for line, column, message, hint in expected:
        start = f"{path}:{line}:{column}: "
        assert any(text.startswith(start) and message in text and hint in text for text in shown), (
            f"{start}{message} | {hint}\nis not among\n" + "\n".join(shown)
        )


def test_there_are_many_of_them() -> None:
    assert len(list(FOLDER.glob("*.yaml"))) > 80
