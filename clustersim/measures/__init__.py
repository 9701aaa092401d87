"""Measures: pure functions of NumPy arrays that say what happened in a world.

A measure reads no world, draws no random number and changes nothing it is given. It states its
formula, shapes, units and source, and raises ``ValueError`` on input it has no meaning for.
"""
