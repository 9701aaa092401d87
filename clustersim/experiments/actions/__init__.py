"""What each action of policy does to the economy: each tried against the same run without it."""
