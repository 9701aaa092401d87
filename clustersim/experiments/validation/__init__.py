"""Whether the simulated economy is like the real one: facts, scorecard, nulls."""
