"""Health and figures beside the pages: answered also while all page threads are busy or wait for the database."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from django.conf import settings
from django.db import close_old_connections
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from civicline.config.health import readiness
from civicline.kernel import metrics

LONGEST_LOOK = 4.0  # seconds; whoever asks gives up after five
_thread = ThreadPoolExecutor(1, thread_name_prefix="vitals")


def _look() -> tuple[bool, dict[str, object]]:
    close_old_connections()
    return readiness()


async def _ready(request: Request) -> JSONResponse:
    looking = asyncio.get_running_loop().run_in_executor(_thread, _look)
    try:
        good, report = await asyncio.wait_for(looking, LONGEST_LOOK)
    except TimeoutError:
        good, report = False, {"status": "not ready", "checks": {"database": "does not answer in time"}}
    return JSONResponse(report, status_code=200 if good else 503)


async def _live(request: Request) -> JSONResponse:
    return JSONResponse({"status": "ok"})


def _metrics(request: Request) -> Response:
    token = settings.CIVICLINE.metrics_token
    allowed = request.headers.get("Authorization") == f"Bearer {token}" if token else _is_local(request)
    if not allowed:
        return Response("This needs the metrics token.\n", status_code=401, media_type="text/plain")
    return Response(metrics.exposition(), media_type=metrics.CONTENT_TYPE)


def _is_local(request: Request) -> bool:
    return request.client is not None and request.client.host.startswith("127.")


def health_routes() -> list[Route]:
    """What every process answers itself, whatever else it serves."""
    return [Route("/health/live", _live), Route("/health/ready", _ready)]


def vitals() -> Starlette:
    """Return the small application of a process that serves no pages (dispatcher, worker)."""
    return Starlette(routes=[*health_routes(), Route("/metrics", _metrics)])
