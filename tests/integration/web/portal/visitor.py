"""A resident's browser, as far as the server can tell: cookies with their paths, forms filled in and sent."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html import unescape
from typing import Any
from urllib.parse import urlsplit

from django.test import Client


@dataclass
class Visitor:
    """Keeps cookies by path, which Django's own test client does not, and follows where it is led."""

    language: str = "en"
    address: str = "192.0.2.7"
    cookies: dict[tuple[str, str], str] = field(default_factory=dict)
    here: str = ""

    def get(self, path: str) -> Any:
        return self._follow(self._send("get", path, None))

    def post(self, path: str, data: dict[str, Any] | None = None) -> Any:
        return self._follow(self._send("post", path, data or {}))

    def once(self, method: str, path: str, data: Any = None) -> Any:
        """Without following."""
        return self._send(method, path, data)

    def _follow(self, response: Any) -> Any:
        for _ in range(6):
            if response.status_code not in (301, 302):
                break
            response = self._send("get", response["Location"], None)
        return response

    def _send(self, method: str, path: str, data: Any) -> Any:
        client = Client()
        bare = urlsplit(path).path
        for (name, scope), value in sorted(self.cookies.items(), key=lambda item: len(item[0][1])):
            if bare.startswith(scope):
                client.cookies[name] = value
        self.here = path
        headers = {"Accept-Language": self.language}
        response = getattr(client, method)(path, data, headers=headers, REMOTE_ADDR=self.address)
        for morsel in response.cookies.values():
            key = (morsel.key, morsel["path"])
            if morsel["max-age"] == 0:
                self.cookies.pop(key, None)
            else:
                self.cookies[key] = morsel.value
        return response

    def begin(self, service: str) -> Any:
        """Start a form; the page of its first question."""
        return self.post(f"/{self.language}/services/{service}/form/")

    def answer(self, **fields: Any) -> Any:
        """Answer the question one is at."""
        return self.post(self.here, {name.replace("__", "-"): value for name, value in fields.items()})


def words(page: Any) -> str:
    """The text of a page without its tags."""
    text = re.sub(r"<(script|style)\b.*?</\1>", " ", page.content.decode(), flags=re.S)
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", text)))


def title(page: Any) -> str:
    found = re.search(r"<title>(.*?)</title>", page.content.decode(), re.S)
    assert found
    return unescape(found[1]).strip()


def kept_link(page: Any) -> str:
    """The path of the link that a page says to keep."""
    found = re.search(r'class="keep-link" href="([^"]+)"', page.content.decode())
    assert found, page.content.decode()[:3000]
    return urlsplit(unescape(found[1])).path


def code(page: Any) -> str:
    found = re.search(r'keep-code">([^<]+)<', page.content.decode())
    assert found
    return found[1]


def reference(page: Any) -> str:
    found = re.search(r"SM-[0-9A-Z]{3}-[0-9A-Z]{3}", page.content.decode())
    assert found
    return found[0]
