"""The session of a visitor as a Mesa model, which Mesa's own controller runs."""

from __future__ import annotations

from typing import Final

from clustersim.app.session import Session
from clustersim.mesa_model.model import ClusterModel

PATIENCE: Final = 1.0
"""Seconds to wait for a picture that is being made: a fast world would outrun its page, which then
had no time for a click on Pause."""


class TaughtModel(ClusterModel):
    """A world that is founded from the settings of a session.

    Mesa makes a new one when Reset is pressed; what was there before then stands still.

    Parameters
    ----------
    session
        The session.
    """

    def __init__(self, session: Session) -> None:
        main = session.start()
        super().__init__(main.simulation, years=main.resolved.scenario.years)
        self.session = session

    @property
    def current(self) -> bool:
        """Whether this is still the world of the session."""
        main = self.session.main
        return main is not None and main.simulation is self.simulation

    def step(self) -> None:
        """Simulate a quarter, in the second world too, once what was before has been drawn."""
        self.session.painted.wait(PATIENCE)
        self.session.pace.go(self.session)
        with self.session.turn, self.session.lock:
            if not self.current or self.session.ended:
                self.running = False
                self.session.pace.done(self.session)
                return
            super().step()
            self.session.stepped()
