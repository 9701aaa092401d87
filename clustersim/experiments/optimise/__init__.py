"""Which instruments and budgets are best, for several goals and under uncertainty."""


class OptimisationError(ValueError):
    """What was given, or found in a folder, cannot be used; the message says why."""
