"""A resident's browser, as far as the server can tell: cookies with their paths, and forms filled in and sent."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass, field
from html import unescape
from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from PIL import Image

ORIGIN = "http://testserver"


@dataclass
class Resident:
    """Keeps cookies by path, which Django's own test client does not."""

    language: str = "en"
    origin: str = ORIGIN
    address: str = "192.0.2.7"
    cookies: dict[tuple[str, str], str] = field(default_factory=dict)
    here: str = ""

    def get(self, path: str, **headers: str) -> Any:
        return self._send("get", path, None, headers)

    def post(self, path: str, data: dict[str, Any] | None = None, **headers: str) -> Any:
        return self._send("post", path, data or {}, {"Origin": self.origin, **headers})

    def _send(self, method: str, path: str, data: Any, headers: dict[str, str]) -> Any:
        client = Client(raise_request_exception=True)
        bare = path.split("?")[0]
        for (name, scope), value in sorted(self.cookies.items(), key=lambda item: len(item[0][1])):
            if bare.startswith(scope):
                client.cookies[name] = value
        sent = {"Accept-Language": self.language, **headers}
        response: HttpResponse = getattr(client, method)(path, data, headers=sent, REMOTE_ADDR=self.address)
        for morsel in response.cookies.values():
            key = (morsel.key, morsel["path"])
            if morsel["max-age"] == 0:
                self.cookies.pop(key, None)
            else:
                self.cookies[key] = morsel.value
        return response

    def start(self, text: str = "Why is my bill so high?", service: str = "council-tax", **more: Any) -> UUID:
        """Fill in the start page and send it; the id of the chat."""
        page = self.get(f"/chat/?service={service}")
        answer = self.post("/chat/", {"key": key_of(page), "service": service, "body": text, **more})
        assert answer.status_code == 302, words(answer)[:2_000]
        self.here = answer["Location"].split("?")[0]
        return UUID(self.here.removeprefix("/chat/").strip("/"))

    def look(self) -> str:
        """The words of the chat's page."""
        return words(self.get(self.here))

    def say(self, text: str, *files: SimpleUploadedFile, **more: Any) -> Any:
        """Send a message by the plain form."""
        return self.post(f"{self.here}say", {"body": text, "file": list(files), **more})

    def news(self, after: int = 0) -> dict[str, Any]:
        """What the page's script would fetch."""
        answer = self.get(f"{self.here}news?after={after}", Accept="application/json")
        assert answer.status_code == 200
        found: dict[str, Any] = answer.json()
        return found


def key_of(page: Any) -> str:
    found = re.search(r'name="key" value="([^"]+)"', page.content.decode())
    assert found, page.content.decode()[:3_000]
    return unescape(found[1])


def words(page: Any) -> str:
    """The text of a page without its tags."""
    text = re.sub(r"<(script|style)\b.*?</\1>", " ", page.content.decode(), flags=re.S)
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", text)))


def picture() -> bytes:
    """A small PNG."""
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "teal").save(out, "PNG")
    return out.getvalue()
