"""Runs and what is learnt from them: one module per kind of experiment."""
