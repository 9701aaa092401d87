"""All theory cases, in the order of the chapter."""

from __future__ import annotations

from experiments.verification import business, demography, knowing
from experiments.verification.result import Case

CASES: tuple[Case, ...] = (*demography.CASES, *business.CASES, *knowing.CASES)
