"""Calibration: which parameters make the simulated economy most like the facts given to it."""


class CalibrationError(ValueError):
    """A folder holds the trials of another study, or optuna is not installed."""
