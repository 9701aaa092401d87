"""Serves the page: to this computer only unless told otherwise, and from it alone.

Solara's own server does the work. What it would fetch from a content network is served from the
package `solara-assets`, its telemetry is off, and routes that a page for teaching has no use for
are left out.
"""

from __future__ import annotations

import asyncio
import errno
import logging
import re
import socket
import warnings
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from contextlib import asynccontextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from clustersim.app.rooms import ROUND, Rooms, open_rooms

LOCAL: Final = ("127.0.0.1", "localhost", "::1")
"""Hosts that only this computer can reach."""
PAGE: Final = "clustersim.app.page"
GONE: Final = "60s"
"""How long the world of a visitor is kept whose connection has broken."""
MESSAGE_BYTES: Final = 1_000_000
"""Largest message that a browser may send."""

_POLICY: Final = (
    # Vue compiles templates in the browser, for which it needs eval; all else is this server's.
    "default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:; "
    "connect-src 'self' ws://{host} wss://{host}; "
    "frame-ancestors 'self'; form-action 'self'; base-uri 'self'"
)
_LEFT_OUT: Final = ("/resourcez", "/_solara/api/evict", "/static/public", "/_solara/cdn")

_FOUND: Final = (200, 304)
_NEEDED: Final = ("solara", "solara.server", "uvicorn", "starlette", "altair", "ipyvuetify")
"""Modules of the extra `app`."""

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]


class PortError(RuntimeError):
    """The server cannot listen where it was told to."""


class AssetsError(RuntimeError):
    """The files that the page is made of are not installed."""


def make_app(found: Rooms, host: str = LOCAL[0]) -> Any:
    """Return the ASGI application that serves the page.

    Parameters
    ----------
    found
        The sessions.
    host
        Where it will be bound: on a local one, requests that name another host are refused.

    Raises
    ------
    AssetsError
        If the page could not be shown without the internet.
    """
    _check_installed()
    _settings()
    import solara.server.app
    import solara.server.server
    import solara.server.starlette as server
    from solara.server import settings
    from starlette.applications import Starlette
    from starlette.middleware import Middleware
    from starlette.middleware.trustedhost import TrustedHostMiddleware
    from starlette.routing import Mount

    class Assets(server.StaticFilesOptionalAuth):
        """Files of one version: sent as they are, compressed once, and kept by browsers."""

        async def get_response(self, path: str, scope: Scope) -> Any:
            """Answer a request."""
            response = await super().get_response(path, scope)
            if response.status_code in _FOUND:
                response.headers["cache-control"] = "public, max-age=31536000, immutable"
            return response

    assets = Path(settings.assets.proxy_cache_dir)
    if not (assets / "@widgetti").is_dir():
        raise AssetsError(
            "the page needs solara-assets: install it by `pip install 'clustersim[app]'`"
        )
    _only_own_extensions(solara.server.server)
    open_rooms(found)
    solara.server.app.apps["__default__"] = solara.server.app.AppScript(PAGE)
    routes = [one for one in server.routes if not str(_path(one)).startswith(_LEFT_OUT)]
    # Before the last route, which takes everything.
    routes.insert(0, Mount("/_solara/cdn", app=Assets(directory=assets)))

    @asynccontextmanager
    async def lifespan(_: Any) -> AsyncIterator[None]:
        server.on_startup()
        watch = asyncio.create_task(_watch(found))
        yield
        watch.cancel()
        found.close()
        server.on_shutdown()

    hosts = [*LOCAL, "[::1]"] if host in LOCAL else ["*"]
    guards = [
        Middleware(TrustedHostMiddleware, allowed_hosts=hosts),
        Middleware(SameOrigin),
        *server.middleware,
    ]
    return Starlette(routes=routes, middleware=guards, lifespan=lifespan)


async def _watch(found: Rooms) -> None:
    """Go round for ever; by a thread that also sends home those that served visitors who left."""
    from anyio.to_thread import run_sync

    while True:
        await asyncio.sleep(ROUND)
        await run_sync(found.go_round)


def _check_installed() -> None:
    """Make sure that all is there that the page needs, before a visitor finds out."""
    for name in _NEEDED:
        if find_spec(name) is None:
            raise AssetsError(
                f"the page needs {name}: install it by `pip install 'clustersim[app]'`"
            )


def _path(route: Any) -> str:
    return str(getattr(route, "path", ""))


def _settings() -> None:
    """Set what Solara would otherwise take from its environment."""
    import solara.settings
    from solara.server import settings

    # Mesa's own components break a rule of Solara's; it would say so at each start.
    solara.settings.main.check_hooks = "off"
    solara.settings.assets.proxy = True
    # Nothing is ever fetched: what is not installed is not there.
    solara.settings.assets.cdn = "http://127.0.0.1:9/"
    settings.assets.fontawesome_enabled = True
    settings.telemetry.mixpanel_enable = False
    settings.main.mode = "production"
    settings.theme.title = "clustersim"
    settings.theme.show_banner = False
    settings.theme.loader = "plain"
    settings.kernel.cull_timeout = GONE
    settings.ssg.enabled = False
    settings.search.enabled = False


def _only_own_extensions(module: Any) -> None:
    """Serve no other extensions of notebooks than the two that the page needs."""
    needed = ("jupyter-vue", "jupyter-vuetify")
    kept = [
        folder
        for folder in module.nbextensions_directories
        if any((Path(folder) / name).is_dir() for name in needed)
    ]
    module.nbextensions_directories[:] = kept


class SameOrigin:
    """Refuses connections from pages of other servers, and says what pages may load.

    Parameters
    ----------
    app
        The application behind it.
    """

    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request."""
        headers = {
            key.decode("latin1"): value.decode("latin1") for key, value in scope.get("headers", ())
        }
        if scope["type"] == "websocket" and not _same(headers):
            await send({"type": "websocket.close", "code": 1008})
            return

        async def guarded(message: Any) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [
                    *message.get("headers", ()),
                    (
                        b"content-security-policy",
                        _POLICY.format(host=_host(headers)).encode("ascii"),
                    ),
                    (b"x-content-type-options", b"nosniff"),
                    (b"referrer-policy", b"no-referrer"),
                ]
            await send(message)

        await self.app(scope, receive, guarded)


def _same(headers: dict[str, str]) -> bool:
    """Tell whether a connection comes from a page of this server; programs name no origin."""
    origin = headers.get("origin")
    return origin is None or origin.partition("://")[2] == headers.get("host")


def _host(headers: dict[str, str]) -> str:
    """Return the host that was asked for, without signs that no host has."""
    return re.sub(r"[^0-9A-Za-z.:\[\]-]", "", headers.get("host", ""))


def free_port(host: str, wanted: int) -> int:
    """Return a port that can be listened at: the one that is wanted, or one of the next ten.

    Raises
    ------
    PortError
        If this computer has no such host, or all of these ports are taken.
    """
    for port in range(wanted, wanted + 11):
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        with socket.socket(family, socket.SOCK_STREAM) as one:
            one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                one.bind((host, port))
            except OSError as error:
                if error.errno in (errno.EADDRINUSE, errno.EACCES):
                    continue
                why = error.strerror or error
                raise PortError(
                    f"--host {host}: this computer cannot listen there ({why}); "
                    "127.0.0.1 is this computer alone, 0.0.0.0 lets others in"
                ) from None
            return port
    raise PortError(
        f"ports {wanted} to {wanted + 10} of {host} are taken; give another with --port"
    )


def warm(found: Rooms) -> None:
    """Run a small world once, so that the first visitor does not wait for compilers."""
    session = found.admit()
    if session is None:
        return
    try:
        session.start()
        for _ in range(5):
            session.step()
    finally:
        found.leave(session)


def serve(found: Rooms, host: str, port: int, ready: Callable[[str], None] | None = None) -> None:
    """Serve until interrupted.

    Parameters
    ----------
    found
        The sessions.
    host, port
        Where to listen.
    ready
        Told the address once the page can be loaded.
    """
    # Solara warns of proxies and cookies that a page for a class has not.
    logging.getLogger("solara").setLevel(logging.ERROR)
    warnings.filterwarnings("ignore", module=r"solara\.")
    app = make_app(found, host)  # tells what is not installed
    import uvicorn

    warm(found)
    shown = f"[{host}]" if ":" in host else host
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        log_level="warning",
        access_log=False,
        ws_max_size=MESSAGE_BYTES,
        server_header=False,
        timeout_graceful_shutdown=2,
    )
    server = _server(config, (lambda: ready(f"http://{shown}:{port}")) if ready else None)
    server.run()


def _server(config: Any, ready: Callable[[], None] | None) -> Any:
    """Return a server that tells when it listens."""
    import uvicorn

    class Told(uvicorn.Server):
        async def startup(self, sockets: Any = None) -> None:
            await super().startup(sockets)
            if ready is not None and self.started:
                ready()

    return Told(config)
