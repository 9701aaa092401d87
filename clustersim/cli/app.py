"""Command ``app``: the page for teaching."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from clustersim.cli import console


def app(  # noqa: PLR0913  # one per option
    scenario: Annotated[
        str | None, typer.Argument(help="A built-in scenario or a scenario file to begin with.")
    ] = None,
    *,
    host: Annotated[
        str,
        typer.Option(
            "--host", help="Where to listen; 0.0.0.0 lets other computers of the network in."
        ),
    ] = "127.0.0.1",
    port: Annotated[
        int, typer.Option("--port", min=1, max=65000, help="Port, or the next that is free.")
    ] = 8765,
    lesson: Annotated[str | None, typer.Option("--lesson", help="Lesson to begin with.")] = None,
    lessons: Annotated[
        Path | None, typer.Option("--lessons", help="Folder with lessons of your own.")
    ] = None,
    visitors: Annotated[
        int, typer.Option("--visitors", min=1, max=1000, help="Visitors at one time.")
    ] = 40,
    actors: Annotated[
        int, typer.Option("--actors", min=100, help="Simulated actors of a world at most.")
    ] = 20_000,
    idle: Annotated[
        float,
        typer.Option("--idle", min=0.1, help="Minutes after which an unused world is put away."),
    ] = 30.0,
    no_browser: Annotated[
        bool, typer.Option("--no-browser", help="Do not open the page in a browser.")
    ] = False,
) -> None:
    """Open the page for teaching: run a world, change it, shock it, compare it with its twin.

    Works without the internet. Each visitor has a world of their own. Ends with Ctrl-C.
    """
    from clustersim.app.catalogue import Limits
    from clustersim.app.lessons import LessonError
    from clustersim.app.rooms import Rooms, UnknownLessonError
    from clustersim.app.server import AssetsError, PortError, free_port, serve

    limits = Limits(actors=actors, visitors=visitors, idle=idle)
    try:
        found = Rooms(scenario, limits, lessons, lesson)
        where = free_port(host, port)
        console.log("getting ready; the first time on a computer this takes a minute or two")
        serve(found, host, where, lambda address: _tell(address, browser=not no_browser))
    except (AssetsError, LessonError, PortError, UnknownLessonError) as error:
        raise console.BadInputError(str(error)) from None
    except KeyboardInterrupt:
        pass  # the usual end of a server
    console.log("the page is closed")


def _tell(address: str, *, browser: bool) -> None:
    """Say where the page is, and open it."""
    import webbrowser

    console.say(address)
    console.log("Ctrl-C ends it")
    if browser:
        webbrowser.open(address)
