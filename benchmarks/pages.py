"""How many pages a second one core serves: residents' pages with 20 rows from SQLite, through the real server.

    python -m benchmarks.pages [--seconds 8] [--connections 16] [--json]

The server is Civicline's own application under uvicorn, in a process pinned to one core; the client is another process
on another core, with kept-alive connections. Three pages: the real front page; 20 services with their waits in our
templates (Jinja2); and, as the peer, the same rows from the same queries with the same markup in Django's own
template language. Reach: >= 300 pages/s on one core, told by the processor time that the server used, so that a
busy machine does not blur it; pages/s by the clock stand beside it.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import platform
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httptools

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

ROWS = 20
REACH = 300.0
PAGES = {"front page": "/en/", "20 rows, ours": "/bench/ours/", "20 rows, Django's templates": "/bench/peer/"}

OURS = """
{% extends "portal/_page.html" %}{% from "parts/waits.html" import way, told, axis_head %}
{% block content %}<h1 class="h1">{{ title }}</h1><div class="ways">{{ axis_head(30) }}
{% for row in rows %}{% call way("chat", row.name, row.description, {"label": _("Start a chat"), "href":
row.href}) %}{{ told(row.seconds) }}{% endcall %}{% endfor %}</div>
{% endblock %}
"""
PEER_ROW = """
{% load i18n %}<div class="way"><span class="way-ic">{% include "icon.html" %}</span>
<div><h3>{{ row.name }}</h3><p>{{ row.description }}</p></div>
<div class="told told-usual"><strong>{{ row.words }}</strong>
<svg class="range flips" width="100%" height="8" aria-hidden="true"
focusable="false"><rect class="range-axis" x="0" y="3" width="100%" height="2"/>
<rect class="range-zero" x="0" y="0" width="2"
height="8"/>
<rect class="range-bar" x="{{ row.from|floatformat:1 }}%" y="0" width="{{ row.width|floatformat:1 }}%"
height="8" rx="3"/></svg></div>
<a class="btn" href="{{ row.href }}">{% translate "Start a chat" %}</a></div>
"""
PEER_ICON = (
    '<svg class="i i-mirror" viewBox="0 0 20 20" aria-hidden="true" focusable="false">'
    '<path d="M3 4.5h14v9.2H9.2z"/></svg>'
)
PEER_SHELL = """{% load i18n %}<!doctype html><html lang="{{ language }}" dir="ltr" data-surface="portal">
<head><meta charset="utf-8">
<title>{% block title %}{{ title }}{% endblock %}</title><link rel="stylesheet" href="/static/portal.css">
</head><body>
<a class="skip" href="#main">{% translate "Skip to main content" %}</a><header class="top">
<div class="wrap">
<a class="brandlink" href="/">{% include "icon.html" %}<span>{{ town.name }}<small>
{% translate "Contact and services" %}</small></span></a>
<nav class="topnav" aria-label="{% translate "Site" %}"><a href="/">
{% include "icon.html" %}{% translate "Check a case" %}</a></nav></div></header>
<main id="main"><div class="wrap page">{% block content %}{% endblock %}</div></main><footer class="foot">
<div class="wrap">
<nav class="languages">{% for code, name in languages %}<a href="/{{ code }}/" lang="{{ code }}">
{{ name }}</a>{% endfor %}</nav>
</div></footer></body></html>"""
PEER = """{% extends "shell.html" %}{% load i18n %}{% block content %}<h1 class="h1">{{ title }}</h1>
<div class="ways">
<div class="way way-head" aria-hidden="true"><span class="axis"><span>{% translate "Now" %}</span>
<span>10</span><span>20</span><span>30</span></span></div>
{% for row in rows %}{% include "row.html" %}{% endfor %}</div>{% endblock %}"""


# --- The server's process


def _rows() -> list[dict[str, Any]]:
    """20 services with hours and waits, read anew for each page."""
    from civicline.intake import selectors as intake
    from civicline.kernel.texts import localized
    from civicline.routing import selectors as routing
    from civicline.web.portal.home import seconds_told

    rows = []
    for wait in routing.list_service_waits(intake.list_services()[:ROWS], "chat"):
        seconds = seconds_told(wait) or (120, 300)  # nobody is staffed here: a range is drawn all the same
        rows.append(
            {
                "name": localized(wait.service.name, "en"),
                "description": localized(wait.service.description, "en"),
                "href": f"/chat/?service={wait.service.code}",
                "seconds": seconds,
                "words": f"{seconds[0] // 60} to {seconds[1] // 60} minutes",
                "from": seconds[0] / 18,
                "width": (seconds[1] - seconds[0]) / 18,
            }
        )
    return rows


def ours(request: HttpRequest) -> HttpResponse:
    """The rows in our templates."""
    from django.http import HttpResponse
    from django.template import engines

    from civicline.web.portal.pages import town

    template = _kept("ours", lambda: engines["jinja2"].from_string(OURS))
    context = {"title": "Waits", "rows": _rows(), "town": town(), "request": request}
    return HttpResponse(template.render(context))


def peer(request: HttpRequest) -> HttpResponse:
    """The same rows in Django's template language, its cached loader on, as in production."""
    from django.conf import settings
    from django.http import HttpResponse
    from django.template import Context, Engine

    from civicline.web.portal.pages import town

    parts = {"row.html": PEER_ROW, "icon.html": PEER_ICON, "shell.html": PEER_SHELL, "page.html": PEER}
    loaders = [("django.template.loaders.cached.Loader", [("django.template.loaders.locmem.Loader", parts)])]
    engine = _kept("peer", lambda: Engine(loaders=loaders, libraries={"i18n": "django.templatetags.i18n"}))
    context = {
        "title": "Waits",
        "rows": _rows(),
        "town": town(),
        "languages": settings.LANGUAGES,
        "language": "en",
    }
    return HttpResponse(engine.get_template("page.html").render(Context(context)))


_made: dict[str, Any] = {}


def _kept(name: str, make: Any) -> Any:
    if name not in _made:
        _made[name] = make()
    return _made[name]


def _urls() -> list[Any]:
    from django.urls import path

    from civicline.config import urls

    return [path("bench/ours/", ours), path("bench/peer/", peer), *urls.urlpatterns]


def serve(port: int, core: int) -> None:
    """Seed an empty database with 20 services and serve it on one core until killed."""
    with contextlib.suppress(
        OSError, AttributeError
    ):  # a machine without affinity: told by the cores printed
        os.sched_setaffinity(0, {core})
    os.environ["DJANGO_SETTINGS_MODULE"] = "civicline.config.settings"
    import django
    from django.conf import settings

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    _seed()
    urls = type(sys)("bench_urls")
    urls.urlpatterns = _urls()  # type: ignore[attr-defined]  # a module made here
    sys.modules["bench_urls"] = urls
    settings.ROOT_URLCONF = "bench_urls"
    import uvicorn

    from civicline.config.asgi import application
    from civicline.web.live import uvicorn_options

    app, _edge = application()
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning", access_log=False, **uvicorn_options())


def _seed() -> None:
    from civicline.intake import services as intake
    from civicline.kernel.actors import SYSTEM, acting_as
    from civicline.routing import services as routing

    week = [{"day": day, "start": "08:00", "end": "18:00"} for day in range(7)]
    with acting_as(SYSTEM):
        calendar = intake.save_calendar(
            code="week", name={"en": "Week"}, timezone="Europe/London", weekly=week
        )
        queue = routing.save_queue(code="all", name={"en": "All"}, calendar=calendar)
        for number in range(ROWS):
            service = intake.save_service(
                code=f"service-{number}",
                calendar=calendar,
                name={"en": f"Service number {number}"},
                description={"en": "Your bill, paying, moving in or out."},
                group={"en": f"Group {number // 4}"},
                channels=["chat", "webform"],
            )
            routing.save_route(service=service, queue=queue, skills=[])


# --- The client


class Reader(asyncio.Protocol):
    """One kept-alive connection that asks for the next page as soon as it has one."""

    def __init__(self, request: bytes, until: float, done: asyncio.Future[None]) -> None:
        self.request, self.until, self.done = request, until, done
        self.pages = self.failed = self.size = 0
        self.took: list[float] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport: Any = transport
        self._ask()

    def _ask(self) -> None:
        self.parser = httptools.HttpResponseParser(self)
        self.asked = time.perf_counter()
        self.transport.write(self.request)

    def data_received(self, data: bytes) -> None:
        self.parser.feed_data(data)

    def on_body(self, body: bytes) -> None:
        self.size += len(body)

    def on_message_complete(self) -> None:
        now = time.perf_counter()
        self.took.append(now - self.asked)
        self.pages += 1
        self.failed += self.parser.get_status_code() != 200
        if now < self.until:
            asyncio.get_running_loop().call_soon(self._ask)
        else:
            self.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self.done.set_result(None)


async def measure(port: int, path: str, seconds: float, connections: int) -> dict[str, float]:
    """Pages per second, milliseconds at the middle and at 99 in 100, bytes of one page."""
    request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept-Language: en\r\n\r\n".encode()
    loop, began = asyncio.get_running_loop(), time.perf_counter()
    readers = [Reader(request, began + seconds, loop.create_future()) for _ in range(connections)]
    for reader in readers:
        await loop.create_connection(lambda reader=reader: reader, "127.0.0.1", port)  # type: ignore[misc]  # one each
    await asyncio.gather(*(reader.done for reader in readers))
    took = sorted(one for reader in readers for one in reader.took)
    pages, failed = sum(reader.pages for reader in readers), sum(reader.failed for reader in readers)
    if failed or not took:
        raise SystemExit(f"{path}: {failed} of {pages} pages were not answered with 200")
    return {
        "pages": pages,
        "pages_per_s": pages / (time.perf_counter() - began),
        "p50_ms": took[len(took) // 2] * 1000,
        "p99_ms": took[int(len(took) * 0.99)] * 1000,
        "bytes": sum(reader.size for reader in readers) / pages,
    }


def cpu_seconds(pid: int) -> float:
    """Processor time that a process has used, in seconds (Linux)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextlib.contextmanager
def server() -> Iterator[tuple[int, int]]:
    """Start the server's process with an empty folder; its port and its process id."""
    with socket.socket() as free, tempfile.TemporaryDirectory() as folder:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
        free.close()
        cores = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else [0]
        environment = os.environ | {"CIVICLINE_VAR": folder, "CIVICLINE_CONFIG": f"{folder}/civicline.toml"}
        Path(folder, "civicline.toml").write_text("", encoding="utf-8")
        command = [sys.executable, "-m", "benchmarks.pages", "--serve", str(port), "--core", str(cores[0])]
        process = subprocess.Popen(command, env=environment)
        with contextlib.suppress(OSError, AttributeError):
            os.sched_setaffinity(0, set(cores[1:]) or set(cores))
        try:
            _wait(port, process)
            yield port, process.pid
        finally:
            process.terminate()
            process.wait(10)


def _wait(port: int, process: subprocess.Popen[bytes], seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end and process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    raise SystemExit("the server did not start")


def run(seconds: float, connections: int) -> dict[str, Any]:
    """Measure all pages, each warmed first."""
    found: dict[str, Any] = {}
    with server() as (port, pid):
        for name, path in PAGES.items():
            asyncio.run(measure(port, path, 1.0, connections))
            before = cpu_seconds(pid)
            found[name] = asyncio.run(measure(port, path, seconds, connections))
            used = cpu_seconds(pid) - before
            found[name]["pages_per_cpu_s"] = found[name]["pages"] / max(used, 0.01)
    return found


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=float, default=8.0)
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--serve", type=int, default=0, help=argparse.SUPPRESS)
    parser.add_argument("--core", type=int, default=0, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        serve(options.serve, options.core)
        return
    found = run(options.seconds, options.connections)
    names = list(PAGES)
    ratio = found[names[1]]["pages_per_cpu_s"] / found[names[2]]["pages_per_cpu_s"]
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, server on one core"
    if options.json:
        print(json.dumps({"machine": machine, "pages": found, "ratio_to_peer": ratio}, indent=2))
        return
    print(machine)
    for name, one in found.items():
        speed = f"{one['pages_per_s']:6.0f} pages/s  {one['pages_per_cpu_s']:6.0f} per CPU second"
        waits = f"p50 {one['p50_ms']:6.1f} ms   p99 {one['p99_ms']:6.1f} ms"
        print(f"{name:30} {speed}   {waits}   {one['bytes'] / 1000:5.1f} kB")
    worst = min(found[name]["pages_per_cpu_s"] for name in names[:2])
    verdict = "met" if worst >= REACH else "MISSED"
    print(f"ours : Django's templates = {ratio:.2f}; reach {REACH:.0f} pages a second of one core: {verdict}")


if __name__ == "__main__":
    main()
