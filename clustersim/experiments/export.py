"""The runs of a sweep in other forms: one flat table, and that of the EMA Workbench.

The workbench (Kwakkel 2017, *Environmental Modelling & Software* 96, 239) has experiments as rows
of a data frame, with the values of uncertainties and levers, and outcomes as arrays by name, in the
same order. Here an experiment is a scenario at a point and a setting of the levers, and the second
axis of the arrays is the seeds, as the workbench has replications.
"""

from __future__ import annotations

import gzip
import io
import json
import tarfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from clustersim.experiments.outcomes import PAIRED, WHOLE
from clustersim.experiments.sweep.keeping import VALUE
from clustersim.store import StoredRuns, StoreError, read_runs
from clustersim.store.errors import clear_errors
from clustersim.store.files import replace_file
from clustersim.world.types import Floats

if TYPE_CHECKING:
    import pandas as pd

EFFECT: Final = "effect_"
"""What names of outcomes begin with that are differences to what a scenario is compared with."""
_VERSION: Final = 0.1
"""Of the workbench's file."""


def flat(runs: StoredRuns | str | Path) -> pd.DataFrame:
    """Return one row for each run: what it was, what the study set, and all outcomes.

    Effects stand beside the outcomes, in columns that begin with `EFFECT`, where a run is compared
    with another, at the same point and seed.

    Raises
    ------
    StoreError
        If there is no sweep, or none of its runs is stored.
    """
    import pandas as pd

    stored = _opened(runs)
    frame = stored.frame("runs")
    keys = pd.MultiIndex.from_arrays([frame["cell"], frame["seed"]])
    against = pd.MultiIndex.from_arrays([frame["against"], frame["seed"]])
    names = [name for name in _outcomes() if name in frame]
    other = frame[names].set_axis(keys).reindex(against).to_numpy()
    effects = frame[names].to_numpy() - other
    added = pd.DataFrame(effects, columns=[f"{EFFECT}{name}" for name in names])
    return frame.join(added.dropna(axis=1, how="all"))


def to_ema(
    runs: StoredRuns | str | Path, *, mean: bool = False
) -> tuple[pd.DataFrame, dict[str, Floats]]:
    """Return the runs as the EMA Workbench's experiments and outcomes.

    Parameters
    ----------
    runs
        Of a sweep, or its folder.
    mean
        Whether outcomes are means over seeds instead of each of them.

    Returns
    -------
    experiments
        A row for each scenario, setting of the levers and point: values of uncertainties and
        levers; ``scenario``, the point; ``policy``, the setting of the levers; and ``model``, the
        scenario's name in the study.
    outcomes
        By name, of shape (experiments, seeds), or (experiments,) for means; NaN where a run is
        missing. Effects begin with `EFFECT`.

    Raises
    ------
    StoreError
        As `flat`.
    """
    import pandas as pd

    stored = _opened(runs)
    table = flat(stored).set_index(["cell", "seed"])
    design = stored.design
    own = design[design["role"] == "scenario"].reset_index(drop=True)
    settings = own[[name for name in own.columns if name.startswith(VALUE)]]
    experiments = settings.rename(columns=lambda name: name.removeprefix(VALUE))
    labels = {
        "scenario": [_label("point", one) for one in own["point"]],
        "policy": [_label("option", one) for one in own["option"]],
        "model": own["scenario"].tolist(),
    }
    experiments = experiments.assign(**labels)
    for name in experiments.columns:
        if not pd.api.types.is_numeric_dtype(experiments[name]):
            experiments[name] = experiments[name].astype("category")
    seeds = stored.manifest["seeds"]
    index = pd.MultiIndex.from_product([own["cell"], seeds])
    outcomes = {}
    for name in table.columns:
        if name.removeprefix(EFFECT) in _outcomes():
            values = table[name].reindex(index).to_numpy(dtype=np.float64)
            values = values.reshape(len(own), len(seeds))
            outcomes[str(name)] = values.mean(axis=1) if mean else values
    return experiments, outcomes


def write_ema(runs: StoredRuns | str | Path, path: str | Path, *, mean: bool = False) -> Path:
    """Write the runs into a file that the workbench's ``load_results`` reads.

    Parameters
    ----------
    runs, mean
        As `to_ema`.
    path
        A ``.tar.gz``; one that is there is replaced.

    Raises
    ------
    StoreError
        As `flat`, or if the name does not end with ``.tar.gz``.
    WriteError
        If it cannot be written.
    """
    target = Path(path)
    if not target.name.endswith(".tar.gz"):
        raise StoreError(f"{path}: the workbench reads files whose name ends with .tar.gz")
    experiments, outcomes = to_ema(runs, mean=mean)
    kind = "ScalarOutcome" if mean else "ArrayOutcome"
    metadata = {
        "version": _VERSION,
        "outcomes": [(kind, name, f"{name}.csv") for name in outcomes],
        "experiments": {name: kind.name for name, kind in experiments.dtypes.items()},
    }
    files = {
        "experiments.csv": experiments.to_csv(index=False),
        **{f"{name}.csv": _csv(values) for name, values in outcomes.items()},
        "metadata.json": json.dumps(metadata),
    }
    packed = io.BytesIO()
    # No time in the file: the same runs give the same bytes.
    with (
        gzip.GzipFile(fileobj=packed, mode="wb", mtime=0) as zipped,
        tarfile.open(fileobj=zipped, mode="w") as archive,
    ):
        for name, text in files.items():
            content = text.encode()
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    with clear_errors(target):
        replace_file(target, packed.getvalue())
    return target


def write_flat(runs: StoredRuns | str | Path, path: str | Path) -> Path:
    """Write the flat table into a CSV file; one that is there is replaced.

    Raises
    ------
    StoreError
        As `flat`.
    WriteError
        If it cannot be written.
    """
    target = Path(path)
    with clear_errors(target):
        replace_file(target, flat(runs).to_csv(index=False).encode())
    return target


def _opened(runs: StoredRuns | str | Path) -> StoredRuns:
    stored = runs if isinstance(runs, StoredRuns) else read_runs(runs)
    if not stored.state.done:
        raise StoreError(
            f"{stored.folder}: no run is stored yet; `clustersim resume {stored.folder}` does them"
        )
    return stored


def _outcomes() -> tuple[str, ...]:
    return (*(one.key for one in PAIRED), *WHOLE)


def _label(of: str, number: Any) -> str:
    # Not "None", which the workbench would read as a missing value.
    return f"{of} {number}" if number >= 0 else "as given"


def _csv(values: Floats) -> str:
    import pandas as pd

    text: str = pd.DataFrame(values).to_csv(header=False, index=False, na_rep="nan")
    return text
