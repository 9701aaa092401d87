"""Command ``schema``: the JSON schema of scenario and study files."""

from __future__ import annotations

from typing import Annotated

import typer

from clustersim.cli import console


def schema(
    study: Annotated[bool, typer.Option("--study", help="Of study files, not scenarios.")] = False,
) -> None:
    """Print the JSON schema of scenario files, for an editor that checks while you type."""
    from clustersim.experiments.sweep.study import study_schema
    from clustersim.scenario.schema import json_schema

    console.say_json(study_schema() if study else json_schema())
