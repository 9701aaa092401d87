"""Scenarios against what they are compared with, over seeds: effects, how sure, and at what cost.

A scenario and its counterpart have the same luck at each seed, so that what differs is theirs and
not that of two histories. Seeds are independent of each other: all that is said rests on one
difference for each seed.

`runs` makes the runs; `seen` reduces the tables of a pair of runs to what is kept of a seed;
`judged` puts the seeds together. Only `runs` knows where tables come from.
"""
