"""Command ``schema``: the JSON schema of scenario files."""

from __future__ import annotations

from clustersim.cli import console


def schema() -> None:
    """Print the JSON schema of scenario files, for an editor that checks while you type."""
    from clustersim.scenario.schema import json_schema

    console.say_json(json_schema())
