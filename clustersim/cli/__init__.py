"""The command line, a thin layer: what it does can be done from Python.

One module per command; each imports what it needs when it runs, so that ``--help`` is fast.
"""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from clustersim import __version__
from clustersim.cli import console
from clustersim.cli.app import app as page
from clustersim.cli.benchmark import benchmark
from clustersim.cli.branch import branch
from clustersim.cli.calibrate import calibrate
from clustersim.cli.check import check
from clustersim.cli.compare import compare
from clustersim.cli.cycles import cycles
from clustersim.cli.describe import describe
from clustersim.cli.doctor import doctor
from clustersim.cli.export import export
from clustersim.cli.identify import identify
from clustersim.cli.init import init
from clustersim.cli.odd import odd
from clustersim.cli.optimise import optimise
from clustersim.cli.premium import premium
from clustersim.cli.report import report
from clustersim.cli.rerun import rerun
from clustersim.cli.resilience import resilience
from clustersim.cli.run import run
from clustersim.cli.scenarios import scenarios
from clustersim.cli.schema import schema
from clustersim.cli.sensitivity import sensitivity
from clustersim.cli.sweep import resume, status, sweep
from clustersim.cli.validate import validate

app = typer.Typer(
    name="clustersim",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(value: bool) -> None:
    if value:
        console.say(f"clustersim {__version__}")
        raise typer.Exit


@app.callback(epilog="Example: clustersim run base --years 20")
def _root(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    """Simulate the life cycle of industrial clusters.

    Results go to standard output, progress and messages to standard error. Exit codes: 0 done,
    1 failed while running, 2 bad input or usage, 3 finished but some runs failed, 130 interrupted.
    """


for _function, _example in (
    (scenarios, "clustersim scenarios"),
    (init, "clustersim init my-region --table jobs.csv"),
    (check, "clustersim check my-region.yaml"),
    (describe, "clustersim describe base"),
    (schema, "clustersim schema > scenario.schema.json"),
    (identify, "clustersim identify jobs.csv --column region=Land --out clusters.png"),
    (run, "clustersim run base --seed 7 --set market.selection=0.4"),
    (branch, "clustersim branch runs/vouchers-seed1 --at 2017 --without innosup"),
    (sweep, "clustersim sweep experiments/emilia_romagna/study.yaml --out emilia"),
    (resume, "clustersim resume emilia --add-replications 20"),
    (status, "clustersim status emilia"),
    (compare, "clustersim compare poles vouchers --seeds 10 --out comparison"),
    (report, "clustersim report emilia"),
    (export, "clustersim export emilia --csv emilia.csv --ema emilia.tar.gz"),
    (sensitivity, "clustersim sensitivity experiments/sensitivity/study.yaml --out vouchers"),
    (optimise, "clustersim optimise experiments/optimise/study.yaml --out vouchers"),
    (calibrate, "clustersim calibrate experiments/calibration/study.yaml --out calibration"),
    (validate, "clustersim validate --quick --out scorecard"),
    (cycles, "clustersim cycles --quick --out cycles"),
    (premium, "clustersim premium --quick --out premium"),
    (resilience, "clustersim resilience shocks --quick --out resilience"),
    (benchmark, "clustersim benchmark runs/vouchers-seed1 --year 2020"),
    (odd, "clustersim odd base --out odd.md"),
    (rerun, "clustersim rerun runs/base-seed1"),
    (doctor, "clustersim doctor"),
):
    app.command(epilog=f"Example: {_example}")(console.command(_function))
app.command("app", epilog="Example: clustersim app classroom")(console.command(page))


def main() -> None:
    """Start the command line; ends the process with its exit code."""
    if sys.argv[1:2] == ["app"]:
        from clustersim.app.memory import start_lean

        start_lean()
    try:
        app(prog_name="clustersim")
    except KeyboardInterrupt:
        console.log("interrupted: nothing was written")
        raise SystemExit(console.INTERRUPTED) from None
    except OSError as error:
        raise SystemExit(console.tell_error(error)) from None
