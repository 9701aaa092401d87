"""What `sweep.py` has measured, as text."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def table(found: dict[str, Any]) -> str:
    """Return the results as text."""
    return "\n\n".join(_TEXTS[part](result) for part, result in found.items()) + "\n"


def _row(label: str, value: str, aim: str = "") -> str:
    return f"  {label:<52}{value:>12}" + (f"   aim: {aim}" if aim else "")


def _workers(found: dict[str, Any]) -> str:
    sides = found["by_workers"]
    rows = [
        f"Workers, median of {found['repeats']} x {found['runs']} runs; "
        f"load {min(found['load']):.1f} to {max(found['load']):.1f}"
    ]
    for count, side in sides.items():
        rows += [
            _row(f"workers: {count}; runs per second", f"{side['runs_per_second']:.3f}"),
            _row("  with starting and ending", f"{side['whole_runs_per_second']:.3f}"),
            _row("  a run, s", f"{side['run_seconds']:.3f}"),
            _row("  processor time for a run, s", f"{side['processor_seconds_per_run']:.3f}"),
            _row("  share of the time that workers run", f"{side['busy']:.1%}"),
        ]
    each = " ".join(f"{one:.0%}" for one in found["of_twice_each"])
    rows += [
        _row(f"pace of 2 over 2 x 1 ({each})", f"{found['of_twice']:.1%}", "90%"),
        _row("  by processor time", f"{found['of_twice_by_processor']:.1%}"),
        _row(
            "two programs of 1 worker at once; runs per second",
            f"{found['apart_runs_per_second']:.3f}",
        ),
        _row("  pace of 2 workers over theirs", f"{found['of_apart']:.1%}"),
    ]
    return "\n".join(rows)


def _storing(found: dict[str, Any]) -> str:
    return "\n".join(
        [
            f"Storing, median of {found['repeats']} x {found['runs']} runs in one worker; "
            f"load {found['load']:.1f}",
            _row("share of the time, by stopwatch", f"{found['storing_share']:.2%}", "5%"),
            _row(
                "  stored less bare runs, by processor time",
                f"{found['storing_share_by_difference']:.2%}",
            ),
            _row("fingerprint of the tables, in the runs", f"{found['fingerprint_share']:.2%}"),
            _row("size of a run, kB", f"{found['bytes_per_run'] / 1e3:.1f}"),
        ]
    )


def _memory(found: dict[str, Any]) -> str:
    rows = [
        _row(f"{one['runs']:,} runs, MB", f"{one['peak_bytes'] / 1e6:.1f}")
        for one in found["sizes"]
    ]
    last = _row("last over first", f"{found['growth_of_peak']:.3f}", "1.1")
    return "\n".join(["Most memory of the parent of two workers", *rows, last])


def _start(found: dict[str, Any]) -> str:
    return "\n".join(
        [
            f"Starting a worker, median of {found['starts']}; load {found['load']:.1f}",
            _row("until it can begin a job, s", f"{found['start_seconds']:.2f}", "1 s"),
            _row("  fastest, s", f"{found['fastest']:.2f}"),
            _row(
                "first run of a tiny world (reads kernels), s", f"{found['first_run_seconds']:.2f}"
            ),
            _row("the same run again, s", f"{found['later_run_seconds']:.2f}"),
        ]
    )


def _pairing(found: dict[str, Any]) -> str:
    return "\n\n".join(_pairs(one) for one in found["scenarios"])


def _pairs(found: dict[str, Any]) -> str:
    rows = [_row(name, f"{ratio:.4f}") for name, ratio in found["by_outcome"].items()]
    return "\n".join(
        [
            f"Runs of a paired comparison over an unpaired one, {found['scenario']} with and "
            f"without its policies, {found['seeds']} seeds",
            *rows,
            _row("median", f"{found['paired_over_unpaired']:.4f}", "1/3"),
            _row("outcomes that reach it", f"{found['reached']} of {len(rows)}"),
        ]
    )


def _batch_run(found: dict[str, Any]) -> str:
    return "\n\n".join(_against(one) for one in found["sizes"])


def _against(found: dict[str, Any]) -> str:
    return "\n".join(
        [
            f"Sweep against batch_run of Mesa {found['mesa']} on the slow twin, {found['seeds']} "
            f"seeds, {found['years']:g} years, {found['firms']:,.0f} firms at the end",
            _row("batch_run, s for a run", f"{found['twin_seconds']:.3f}"),
            _row("sweep, s for a run", f"{found['engine_seconds']:.4f}"),
            _row("ratio", f"{found['ratio']:.0f}", "100"),
            _row("largest difference of jobs", f"{found['largest_difference_of_jobs']:.1e}"),
        ]
    )


def _engines(found: dict[str, Any]) -> str:
    rows = [_row(name, "yes" if same else "NO", "yes") for name, same in found["same"].items()]
    heading = f"The same {found['tables']} tables as one worker, to the last byte"
    return "\n".join([heading, *rows])


_TEXTS: dict[str, Callable[[dict[str, Any]], str]] = {
    "workers": _workers,
    "storing": _storing,
    "memory": _memory,
    "start": _start,
    "pairing": _pairing,
    "batch_run": _batch_run,
    "engines": _engines,
}
