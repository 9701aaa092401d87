"""Scenario files: read, extended, checked, explained; and tables of employment."""
