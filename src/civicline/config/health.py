"""Whether this process lives, whether it is ready for work, and its figures for Prometheus."""

import hmac
from ipaddress import ip_address, ip_network

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path

from civicline.config import crew
from civicline.kernel import metrics as figures
from civicline.kernel import troubles

REFUSED = {
    "busy": "the database is locked or overloaded",
    "storage-full": "the disk is full",
    "database-away": "the database went away",
}


def live(request: HttpRequest) -> HttpResponse:
    """Answer as long as the process can answer at all; touches nothing."""
    return JsonResponse({"status": "ok"})


def ready(request: HttpRequest) -> HttpResponse:
    """Answer 200 when pages can be served: the database answers (and Redis, when configured)."""
    good, report = readiness()
    return JsonResponse(report, status=200 if good else 503)


def readiness() -> tuple[bool, dict[str, object]]:
    """Return whether this process is ready for work, and each check in words.

    "degraded": pages are served, and the checks say which part is down. Without Redis hints are late; while writes are
    refused people are told so, and what they sent before is safe.
    """
    checks = {"database": _database_answers(), "writes": _writes_are_taken(), **crew.report()}
    if settings.CIVICLINE.redis_url:
        checks["redis"] = _redis_answers()
    good = checks["database"] == "ok"
    whole = all(state == "ok" for state in checks.values())
    return good, {"status": "ok" if whole else "degraded" if good else "not ready", "checks": checks}


def _database_answers() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM django_migrations LIMIT 1")
            return "ok" if cursor.fetchone() else "empty: run `civicline migrate`"
    except (DatabaseError, InterfaceError):
        connection.close()
        return "does not answer"


def _writes_are_taken() -> str:
    refused = [REFUSED[code] for code in troubles.recent() if code in REFUSED]
    return f"refused of late: {', '.join(refused)}" if refused else "ok"


def _redis_answers() -> str:
    import redis  # only loaded where it is configured

    try:
        with redis.Redis.from_url(
            settings.CIVICLINE.redis_url, socket_timeout=1, socket_connect_timeout=1
        ) as client:
            client.ping()
    except (redis.RedisError, OSError):
        return "does not answer"
    return "ok"


def metrics(request: HttpRequest) -> HttpResponse:
    """Show the figures to whoever has the token, or, when there is none, to this machine only."""
    if not _may_read_metrics(request):
        return HttpResponse("This needs the metrics token.\n", status=401, content_type="text/plain")
    return HttpResponse(figures.exposition(), content_type=figures.CONTENT_TYPE)


def _may_read_metrics(request: HttpRequest) -> bool:
    token = settings.CIVICLINE.metrics_token
    if token:
        return hmac.compare_digest(request.headers.get("Authorization", ""), f"Bearer {token}")
    try:
        return ip_address(request.META.get("REMOTE_ADDR", "")) in ip_network("127.0.0.0/8")
    except ValueError:
        return False


urlpatterns = [
    path("health/live", live, name="health-live"),
    path("health/ready", ready, name="health-ready"),
    path("metrics", metrics, name="metrics"),
]
