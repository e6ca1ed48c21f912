"""The outer application over its own ASGI door: pages, built files, what is not there, what fails."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.conf import settings

from civicline.api import services
from civicline.config.asgi import application
from civicline.intake.models import Contact

pytestmark = pytest.mark.django_db(transaction=True)


def ask(method: str, *paths: str, **more: Any) -> list[httpx.Response]:
    """Answers of one process to these requests, one after the other."""

    async def asking() -> list[httpx.Response]:
        app, _edge = application()
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            return [await client.request(method, path, **more) for path in paths]

    return asyncio.run(asking())


def test_a_page_and_its_head(town: Any) -> None:
    (page,) = ask("GET", "/en/")
    (head,) = ask("HEAD", "/en/")

    assert (page.status_code, head.status_code) == (200, 200)
    assert "How can we help?" in page.text
    assert int(page.headers["content-length"]) == len(page.content)


def test_a_built_file_is_kept_for_ever_and_packed() -> None:
    sheet = next((Path(settings.STATICFILES_DIRS[0]) / "build").glob("portal-*.css"))

    (answer,) = ask("GET", f"/static/build/{sheet.name}", headers={"Accept-Encoding": "gzip"})

    assert answer.status_code == 200
    assert "immutable" in answer.headers["cache-control"]
    assert answer.headers["content-encoding"] == "gzip"


def test_what_is_not_there_is_told_by_whoever_should_have_it(town: Any) -> None:
    file, page, stream = ask("GET", "/static/build/none.css", "/en/none/", "/live/none")

    assert [file.status_code, page.status_code, stream.status_code] == [404, 404, 404]
    assert "<html" in page.text
    assert ask("POST", "/static/build/none.css")[0].status_code == 405


def test_a_strange_address_is_told_as_any_other_that_is_not_there(town: Any) -> None:
    """A line break in the path is where patterns of routers end: the pages answer all the same."""
    page, data = ask("GET", "/en/no%0Ane/", "/api/v1/services/no%0Ane/wait")

    assert (page.status_code, data.status_code) == (404, 404)
    assert "<html" in page.text
    assert "x-request-id" in page.headers
    assert data.headers["content-type"] == "application/problem+json"


def test_a_body_in_pieces_without_a_length_is_read_whole(town: Any) -> None:
    token = services.create_token(name="Other system", scopes=["contacts:write"])

    async def pieces() -> AsyncIterator[bytes]:
        for piece in (b'{"text": "When is ', b"my bin ", b'emptied?"}'):
            yield piece

    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token.secret}"}
    (answer,) = ask("POST", "/api/v1/contacts", content=pieces(), headers=headers)

    assert answer.status_code == 201
    assert Contact.objects.get().messages.get().body == "When is my bin emptied?"
