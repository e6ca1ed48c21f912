"""What every answer tells browsers, and what is made of forged, hostile and unlucky requests."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from civicline.people import services as people
from civicline.people.roles import Role
from civicline.web.admin import overview
from tests.integration.security.addresses import addresses
from tests.town import Town

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
PASSWORD = "a long way to the sea 9"


@pytest.fixture
def iris(town: Town) -> Any:
    """An administrator with a password."""
    return people.create_staff(
        email="iris@saltmere.example", name="Iris", roles=[Role.ADMINISTRATOR], password=PASSWORD
    )


def test_every_answer_carries_the_headers_that_protect_it(town: Town, client: Client) -> None:
    wrong = []
    for address in addresses():
        answer = client.get(address.path)
        policy = answer.headers.get("Content-Security-Policy", "")
        if "default-src 'none'" not in policy or "unsafe" in policy:
            wrong.append(f"{address.path}: policy {policy!r}")
        if answer.headers.get("X-Content-Type-Options") != "nosniff":
            wrong.append(f"{address.path}: may be sniffed")
        framed = answer.headers.get("X-Frame-Options") == "DENY" or "frame-ancestors" in policy
        if not framed:
            wrong.append(f"{address.path}: may be framed by anybody")
        if answer.headers.get("Referrer-Policy", "") not in {"same-origin", "no-referrer"}:
            wrong.append(f"{address.path}: tells others where people come from")
        if answer.status_code >= 500 and address.name != "health-ready":
            wrong.append(f"{address.path}: {answer.status_code}")
    assert wrong == []


def test_pages_have_nothing_inline_that_the_policy_would_stop(iris: Any, client: Client) -> None:
    client.force_login(iris, backend=BACKEND)
    for path in ("/admin/", "/admin/services/benefits/", "/staff/settings/", "/accounts/2fa/"):
        page = client.get(path).content.decode()
        assert "style=" not in page
        assert " on" + "click=" not in page
        assert "<script>" not in page


def test_pages_of_staff_are_kept_nowhere(iris: Any, client: Client) -> None:
    client.force_login(iris, backend=BACKEND)
    assert client.get("/admin/").headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("cookie", ["", "x", "a" * 32, "../../etc/passwd", "%E2%80%AE", "0" * 200])
def test_a_forged_session_is_nobodys(town: Town, cookie: str) -> None:
    client = Client()
    client.cookies[settings.SESSION_COOKIE_NAME] = cookie
    answer = client.get("/admin/")
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/accounts/login/")


def test_a_session_ends_with_the_password_it_was_opened_with(iris: Any, client: Client) -> None:
    client.force_login(iris, backend=BACKEND)
    assert client.get("/admin/").status_code == 200
    iris.set_password("another way to the sea 8")
    iris.save(update_fields=["password"])
    assert client.get("/admin/").status_code == 302


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"]
)
def test_signing_in_leads_to_no_other_site(iris: Any, client: Client, target: str) -> None:
    sent = {"login": "iris@saltmere.example", "password": PASSWORD, "next": target}
    answer = client.post("/accounts/login/", sent)
    assert answer.status_code == 302
    assert answer.headers["Location"] == "/admin/"


def test_signing_in_leads_back_to_where_one_was(iris: Any, client: Client) -> None:
    sent = {"login": "iris@saltmere.example", "password": PASSWORD, "next": "/admin/queues/"}
    assert client.post("/accounts/login/", sent).headers["Location"] == "/admin/queues/"


def test_a_strange_host_gets_nothing(town: Town, client: Client) -> None:
    assert client.get("/en/", headers={"Host": "evil.example"}).status_code == 400


def test_when_something_breaks_the_page_shows_no_inside(iris: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> list[dict[str, str]]:
        raise RuntimeError("the secret inside")

    monkeypatch.setattr(overview, "_unserved", broken)
    client = Client(raise_request_exception=False)
    client.force_login(iris, backend=BACKEND)
    answer = client.get("/admin/")
    page = answer.content.decode()
    assert answer.status_code == 500
    assert "the secret inside" not in page
    assert "Traceback" not in page
    assert "overview.py" not in page


def test_no_log_line_holds_a_password_or_a_session(
    iris: Any, client: Client, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    client.post("/accounts/login/", {"login": "iris@saltmere.example", "password": "wrong but secret 77"})
    client.post("/accounts/login/", {"login": "iris@saltmere.example", "password": PASSWORD})
    said = caplog.text + "".join(capfd.readouterr())
    for secret in ("wrong but secret 77", PASSWORD, client.session.session_key or "no session"):
        assert secret not in said


def test_cookies_are_out_of_reach_of_scripts_and_other_sites(iris: Any, client: Client) -> None:
    client.post("/accounts/login/", {"login": "iris@saltmere.example", "password": PASSWORD})
    session = client.cookies[settings.SESSION_COOKIE_NAME]
    assert session["httponly"]
    assert session["samesite"] == "Lax"
    assert settings.CIVICLINE.secure == settings.SESSION_COOKIE_SECURE
