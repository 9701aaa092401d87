"""The life cycle of clusters described: passages, durations, declines, renewals, thresholds."""
