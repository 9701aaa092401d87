"""The twin's luck: the same keyed draws as the engine's, one number at a time."""

from __future__ import annotations

from typing import Any, cast

from clustersim.world.draws import Draws, draw, identity


class Luck:
    """Draws for one actor at a time.

    The key of a decision and a step is made once and kept until the step is over; each call then
    goes straight to the generator, so that the twin's time is spent on its rules.

    Parameters
    ----------
    seed
        Seed of the run, in [0, 2**63).
    """

    def __init__(self, seed: int) -> None:
        self._draws = Draws(seed)
        self._streams: dict[str, Any] = {}

    def begin(self, step: int) -> None:
        """Begin a step: new luck for every decision."""
        self._draws.step = step
        self._streams.clear()

    def _stream(self, decision: str) -> Any:
        if decision not in self._streams:
            self._streams[decision] = self._draws.stream(decision)
        return self._streams[decision]

    def one(self, decision: str, actor: int, other: int = 0) -> float:
        """Return the first uniform of a decision."""
        return self.four(decision, actor, other)[0]

    def four(
        self, decision: str, actor: int, other: int = 0, block: int = 0
    ) -> tuple[float, float, float, float]:
        """Return the four uniforms of one block of a decision."""
        stream = self._stream(decision)
        return cast("tuple[float, float, float, float]", draw(stream, actor, other, block))

    def many(self, decision: str, actor: int, n: int) -> list[float]:
        """Return the first `n` uniforms of a decision."""
        lanes: list[float] = []
        for block in range((n + 3) // 4):
            lanes.extend(self.four(decision, actor, 0, block))
        return lanes[:n]

    def for_ever(self, decision: str, actor: int, n: int) -> list[float]:
        """Return the first `n` uniforms of a decision that does not depend on the step."""
        stream = Draws(self._draws.seed).stream(decision)
        return [draw(stream, actor, 0, lane // 4)[lane % 4] for lane in range(n)]

    def newcomer(self, decision: str, origin: int, ordinal: int = 0) -> int:
        """Return the identity of the `ordinal`-th newcomer that `origin` makes in this step."""
        return int(identity(self._stream(decision), origin, ordinal))
