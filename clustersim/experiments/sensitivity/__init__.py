"""Which uncertainty an outcome, or the effect of a policy, hangs on."""


class SensitivityError(ValueError):
    """What is stored cannot be analysed; the message says why and what to do."""
