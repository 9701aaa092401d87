"""A run: the schedule applied to a world, quarter after quarter, and what is recorded of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from clustersim.mechanisms.base import Mechanism
from clustersim.recorder import Recorder, Table
from clustersim.world.draws import Draws
from clustersim.world.world import World


class Simulation:
    """A world with its mechanisms and its luck.

    Parameters
    ----------
    world
        The world; it is changed by stepping.
    mechanisms
        Applied in this order each quarter; those that are not enabled are passed over.
    seed
        Seed of all luck, in [0, 2**63).
    record_every
        Quarters between two records; the first is made of the world as it is given. `run` makes
        one more of its last quarter.
    monitored
        As of a `Recorder`.

    Raises
    ------
    ValueError
        If the seed or `record_every` is out of range.
    """

    def __init__(
        self,
        world: World,
        mechanisms: Sequence[Mechanism],
        *,
        seed: int,
        record_every: int = 4,
        monitored: bool = True,
    ) -> None:
        self.world = world
        self.mechanisms = tuple(mechanisms)
        self.draws = Draws(seed)
        self.recorder = Recorder(record_every, monitored=monitored)
        self._observe()

    def step(self) -> None:
        """Simulate one quarter."""
        self.draws.step = self.world.clock.step
        for mechanism in self.mechanisms:
            if mechanism.enabled:
                mechanism.apply(self.world, self.draws)
        self.world.clock.step += 1
        if self.world.clock.step % self.recorder.every == 0:
            self._observe()

    def run(self, n_quarters: int, *, on_quarter: Callable[[int], None] | None = None) -> None:
        """Simulate `n_quarters`; `on_quarter` is told the number of each one done.

        The last quarter is always recorded.
        """
        for done in range(1, n_quarters + 1):
            self.step()
            if on_quarter is not None:
                on_quarter(done)
        if self._recorded != self.world.clock.step:
            self._observe()

    def _observe(self) -> None:
        self.recorder.observe(self.world)
        self._recorded = self.world.clock.step

    def tables(self) -> dict[str, Table]:
        """Return what was recorded by place, economy and project, and present actors and ties."""
        return self.recorder.tables(self.world)
