"""Health and figures of a process that serves no pages (dispatcher, worker), for its supervisor and Prometheus."""

from django.conf import settings
from django.db import close_old_connections
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from civicline.config.health import readiness
from civicline.kernel import metrics


def _ready(request: Request) -> JSONResponse:
    close_old_connections()
    good, report = readiness()
    return JSONResponse(report, status_code=200 if good else 503)


def _live(request: Request) -> JSONResponse:
    return JSONResponse({"status": "ok"})


def _metrics(request: Request) -> Response:
    token = settings.CIVICLINE.metrics_token
    allowed = request.headers.get("Authorization") == f"Bearer {token}" if token else _is_local(request)
    if not allowed:
        return Response("This needs the metrics token.\n", status_code=401, media_type="text/plain")
    return Response(metrics.exposition(), media_type=metrics.CONTENT_TYPE)


def _is_local(request: Request) -> bool:
    return request.client is not None and request.client.host.startswith("127.")


def vitals() -> Starlette:
    """Return the small application."""
    return Starlette(
        routes=[Route("/health/live", _live), Route("/health/ready", _ready), Route("/metrics", _metrics)]
    )
