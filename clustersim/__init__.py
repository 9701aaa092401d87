"""Agent-based simulation of the life cycle of industrial clusters.

``import clustersim`` is cheap: a public name is imported from its module when it is first used
(PEP 562), so that ``clustersim --help`` and the workers of an experiment start fast.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from clustersim.experiments.branch import branch as branch
    from clustersim.experiments.comparison.runs import compare as compare
    from clustersim.experiments.optimise.front import optimise as optimise
    from clustersim.experiments.result import RunResult as RunResult
    from clustersim.experiments.run import run as run
    from clustersim.experiments.sensitivity.analysis import sensitivity as sensitivity
    from clustersim.experiments.sweep.sweep import Engine as Engine
    from clustersim.experiments.sweep.sweep import resume as resume
    from clustersim.experiments.sweep.sweep import sweep as sweep
    from clustersim.mechanisms.base import Mechanism as Mechanism
    from clustersim.mesa_model import AgentRule as AgentRule
    from clustersim.mesa_model import ClusterModel as ClusterModel
    from clustersim.reporting import report as report
    from clustersim.store import read_runs as read_runs

__version__ = "0.1.0"

# Public name -> module that defines it. One line makes a name public.
_PUBLIC: Final[dict[str, str]] = {
    "AgentRule": "clustersim.mesa_model",
    "ClusterModel": "clustersim.mesa_model",
    "Engine": "clustersim.experiments.sweep.sweep",
    "Mechanism": "clustersim.mechanisms.base",
    "RunResult": "clustersim.experiments.result",
    "branch": "clustersim.experiments.branch",
    "compare": "clustersim.experiments.comparison.runs",
    "optimise": "clustersim.experiments.optimise.front",
    "read_runs": "clustersim.store",
    "report": "clustersim.reporting",
    "resume": "clustersim.experiments.sweep.sweep",
    "run": "clustersim.experiments.run",
    "sensitivity": "clustersim.experiments.sensitivity.analysis",
    "sweep": "clustersim.experiments.sweep.sweep",
}


def __getattr__(name: str) -> object:
    """Import a public name on first use and keep it.

    Parameters
    ----------
    name : str
        Attribute asked for.

    Returns
    -------
    object
        The attribute of the module that defines it.

    Raises
    ------
    AttributeError
        If `name` is not a public name of the package.
    """
    if name not in _PUBLIC:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(_PUBLIC[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """List what is there already and the public names not yet imported."""
    return sorted({*globals(), *_PUBLIC})
