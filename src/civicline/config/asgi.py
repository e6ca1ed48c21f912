"""The outer application: the live edge, built files, and Django's pages on threads that live long.

Django's own ASGI path costs several times as much per page; so its WSGI application runs in a fixed set of threads,
each with its database connection. Nothing that streams may go through there: streams belong to the live edge.
"""

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import Response
from starlette.routing import Mount, Router
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from civicline.config.bodies import WholeBodies
from civicline.config.page_threads import PageThreads
from civicline.config.vitals import health_routes
from civicline.web.live import LiveEdge
from civicline.web.live.house import live_edge

YEAR = 31_536_000


class BuiltFiles(StaticFiles):
    """Styles, scripts, fonts. A built file carries its hash in its name and may be kept for ever."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Answer with the file and say how long it may be kept."""
        response = await super().get_response(path, scope)
        lasting = path.startswith("build/") and response.status_code < 300 and not path.endswith(".json")
        response.headers["Cache-Control"] = (
            f"public, max-age={YEAR}, immutable" if lasting else "public, max-age=3600"
        )
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Cross-Origin-Resource-Policy"] = (
            "cross-origin"  # the widget's script is for other sites
        )
        return response


def built_files() -> ExceptionMiddleware:
    """Return the application behind /static/; what it refuses (no such file, no such method) is its own to answer."""
    ours = Path(settings.STATICFILES_DIRS[0])
    ours.mkdir(parents=True, exist_ok=True)
    files = BuiltFiles(directory=ours, packages=[("allauth.account", "static"), ("allauth.mfa", "static")])
    return ExceptionMiddleware(GZipMiddleware(files, minimum_size=1_000))


def application() -> tuple[Router, LiveEdge]:
    """Return the whole application of one process, and its live edge (to end streams when the server stops).

    A bare router: `Starlette` would put two layers of error handling round each WebSocket, which hold memory for as
    long as it is open. Pages tell their errors themselves; what fails outside of them, the server logs and answers.
    """
    edge = live_edge()
    threads = PageThreads(get_wsgi_application(), workers=settings.CIVICLINE.web_threads)
    pages = WholeBodies(threads, limit=settings.CIVICLINE.web_max_body_mb * 1_000_000)

    @contextlib.asynccontextmanager
    async def lifespan(_: Router) -> AsyncIterator[None]:
        async with edge.running():
            yield
        threads.shutdown()

    routes = [
        *edge.routes(),
        *health_routes(),
        Mount("/static", app=built_files()),
        Mount("/", app=pages),
    ]
    # `default`: an address with a line break in it fits no pattern of routes, and is the pages' to answer too.
    return Router(routes=routes, default=pages, lifespan=lifespan, redirect_slashes=False), edge
