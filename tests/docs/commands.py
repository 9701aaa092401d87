"""Commands that are shown, run as they are."""

import shlex
import subprocess
import sys


def run_line(line: str) -> None:
    """Run a line of `clustersim`, which must end well and say something."""
    program, *arguments = shlex.split(line)
    assert program == "clustersim", line
    command = [sys.executable, "-m", "clustersim", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{line}: {done.stderr}"
    assert done.stdout, line
