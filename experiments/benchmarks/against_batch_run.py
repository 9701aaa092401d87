"""The engine's sweep against Mesa's `batch_run` of the same experiment, as `sweep.py` asks for it.

The same seeds of the same scenario, each from its founding to its end: the engine's runs are kept
in a folder, those of the twin (`tests.reference`, one Python object for each actor) in the list
that `batch_run` returns, with jobs and firms of each quarter. One process does all of it, in one
thread, and processor time is counted.
"""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from time import process_time
from typing import Any

import mesa

from clustersim.experiments.legs import begin, quarters_of
from clustersim.experiments.sweep.plan import Plan
from clustersim.experiments.sweep.study import Study
from clustersim.experiments.sweep.sweep import Engine, planned, sweep
from clustersim.world.threads import use_threads
from tests.reference.twin import TwinModel

ENGINE_SEEDS = 20
"""Seeds of the engine's sweep, as what it takes besides its runs is shared by many; the twin does
the first of them."""


class TwinRun(TwinModel):
    """A run of the twin from the founding on, as `mesa.batch_run` wants its models.

    Parameters
    ----------
    plan
        Of the engine's sweep; its first cell is run.
    luck
        The seed; `rng` and `seed`, which newer versions of Mesa set, are not used.
    """

    def __init__(self, plan: Plan, luck: int, rng: object = None) -> None:  # noqa: ARG002
        resolved = plan.cells[0].resolved(luck)
        simulation = begin(resolved)
        super().__init__(simulation.world, simulation.mechanisms, luck)
        self.last = quarters_of(resolved)
        self.datacollector = mesa.DataCollector(
            model_reporters={
                "jobs": lambda model: sum(model.jobs().values()),
                "firms": lambda model: len(model.firms),
            }
        )

    def step(self) -> None:
        """Simulate a quarter, and note jobs and firms."""
        super().step()
        self.datacollector.collect(self)
        self.running = self.quarter < self.last


def batch_run(plan: Plan, seeds: Sequence[int]) -> list[dict[str, Any]]:
    """Do runs of a plan by Mesa; return jobs and firms at the end of each."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what Mesa says of its own interface
        return mesa.batch_run(
            TwinRun,
            parameters={"plan": [plan], "luck": list(seeds)},
            number_processes=1,
            max_steps=10**6,
            display_progress=False,
        )


def measure(study: Study, seeds: int) -> dict[str, Any]:
    """Time both on a study of one scenario, in turns; the twin at its first seeds."""
    use_threads(1)
    plan = planned(study)
    engine: list[float] = []
    twin: list[float] = []
    apart: list[float] = []
    scale = begin(plan.cells[0].resolved(1)).world.employment_scale
    with tempfile.TemporaryDirectory() as name:
        for turn, seed in enumerate((None, *plan.seeds[:seeds])):
            start = process_time()
            stored = sweep(study, Path(name) / f"runs-{turn}", engine=Engine(workers=1))
            if seed is None:  # kernels were compiled
                continue
            engine.append((process_time() - start) / stored.n_runs)
            start = process_time()
            (found,) = batch_run(plan, [seed])
            twin.append(process_time() - start)
            jobs = stored.frame("outcomes", runs=[turn - 1])["jobs"].iloc[0]
            apart.append(abs(float(jobs) / (scale * found["jobs"]) - 1.0))
        firms = float(stored.frame("outcomes")["firms"].mean())
    return {
        "seeds": len(twin),
        "engine_seeds": stored.n_runs,
        "years": plan.cells[0].resolved(1).scenario.years,
        "firms": firms,
        "engine_seconds": median(engine),
        "twin_seconds": median(twin),
        "ratio": median(twin) / median(engine),
        "largest_difference_of_jobs": max(apart),
        "mesa": mesa.__version__,
    }
