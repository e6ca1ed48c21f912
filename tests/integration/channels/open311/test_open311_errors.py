"""Every documented error, in both formats, in words, in the reader's language; and nothing stored."""

import io
from dataclasses import replace
from typing import Any

import pytest
from django.test import Client
from lxml import etree

from civicline.channels.open311 import views
from civicline.intake.models import Contact, Service
from civicline.kernel.errors import Busy
from tests.integration.channels.open311 import town
from tests.integration.channels.open311.conftest import Post
from tests.servers import free_port

BASE = "/open311/v2"
FORM = "application/x-www-form-urlencoded"
Services = dict[str, Service]
REPORT = {"service_code": "pothole", "lat": "37.7", "long": "-122.4"}
FORMATS = ["xml", "json"]

pytestmark = pytest.mark.django_db


def errors_in(response: Any, extension: str) -> list[tuple[str, str]]:
    """Return code and description of each error, read strictly as the format has it."""
    if extension == "json":
        assert response["Content-Type"] == "application/json; charset=utf-8"
        return [(str(row["code"]), row["description"]) for row in response.json()]
    assert response["Content-Type"] == "text/xml; charset=utf-8"
    root = etree.fromstring(response.content)
    assert root.tag == "errors"
    return [
        (error.findtext("code") or "", error.findtext("description") or "") for error in root.findall("error")
    ]


@pytest.mark.parametrize("extension", FORMATS)
@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("services/nothing.{0}", 404, "nothing"),
        ("services/benefits.{0}", 404, "benefits"),
        ("services/old.{0}", 404, "old"),
        ("requests/SM-000-000.{0}", 404, "SM-000-000"),
        ("tokens/SM-000-000.{0}", 404, ""),
        ("requests/%00.{0}", 404, "nothing at this address"),
        ("services/a%00b.{0}", 404, "nothing at this address"),
        ("tokens/%0A.{0}", 404, "nothing at this address"),
        ("tokens/" + "x" * 201 + ".{0}", 404, "nothing at this address"),
        ("services.{0}?jurisdiction_id=elsewhere.example", 404, "elsewhere.example"),
        ("services/pothole.{0}?jurisdiction_id=elsewhere.example", 404, "elsewhere.example"),
        ("requests.{0}?jurisdiction_id=elsewhere.example", 404, "elsewhere.example"),
        ("tokens/x.{0}?jurisdiction_id=elsewhere.example", 404, "elsewhere.example"),
        ("requests.{0}?status=lost", 400, "lost"),
        ("requests.{0}?start_date=yesterday", 400, "start_date"),
        ("requests.{0}?start_date=2026-01-01&end_date=2026-05-01", 400, "90 days"),
        ("requests.{0}?page=0", 400, "page"),
        ("requests.{0}?description=%00", 400, "NUL"),
        ("requests.{0}?description=%ff", 400, "utf-8"),
        ("servicerequestupdates.{0}?start_date=x", 400, "start_date"),
    ],
)
def test_questions_that_cannot_be_answered(
    client: Client, services: Services, extension: str, path: str, status: int, words: str
) -> None:
    response = client.get(f"{BASE}/{path.format(extension)}")
    ((code, description),) = errors_in(response, extension)
    assert (response.status_code, code) == (status, str(status))
    assert words in description
    assert response["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize("extension", FORMATS)
@pytest.mark.parametrize(
    ("changed", "key", "status", "words"),
    [
        ({}, None, 403, "No api_key"),
        ({}, "wrong", 403, "Invalid api_key"),
        ({}, "k" * 5000, 403, "Invalid api_key"),
        ({"jurisdiction_id": "elsewhere.example"}, town.KEY, 404, "elsewhere"),
        ({"service_code": ""}, town.KEY, 400, "service_code is missing"),
        ({"service_code": "nothing"}, town.KEY, 404, "nothing"),
        ({"service_code": "benefits"}, town.KEY, 404, "benefits"),
        ({"lat": "", "long": ""}, town.KEY, 400, "where"),
        ({"lat": "95"}, town.KEY, 400, "lat"),
        ({"attribute[colour]": "red"}, town.KEY, 400, "colour"),
        ({"attribute[size]": "huge"}, town.KEY, 400, "huge"),
        ({"service_code": "graffiti"}, town.KEY, 400, "What does it say?"),
        ({"description": "x" * 4001}, town.KEY, 400, "4,000"),
        ({"description": "a\x00b"}, town.KEY, 400, "NUL"),
        ({f"attribute[a{number}]": "1" for number in range(10_000)}, town.KEY, 400, "at most"),
    ],
)
def test_reports_that_cannot_be_taken(
    post: Post,
    services: Services,
    extension: str,
    changed: dict[str, str],
    key: str | None,
    status: int,
    words: str,
) -> None:
    response = post({**REPORT, **changed}, to=f"requests.{extension}", key=key)
    errors = errors_in(response, extension)
    assert (response.status_code, errors[0][0]) == (status, str(status))
    assert any(words in description for _code, description in errors)
    assert Contact.objects.count() == 0


@pytest.mark.parametrize("extension", FORMATS)
@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b'{"service_code": "pothole"}', "application/json", 415),
        (b"<request/>", "text/xml", 415),
        (b"api_key=%ff%fe", FORM, 400),
        (b"api_key=x", FORM + "; charset=klingon", 400),
        (b"--x\r\nnonsense", "multipart/form-data", 400),
        (b"--x\r\nnonsense", "multipart/form-data; boundary=x", 403),  # nothing in it: no key
        (b"description=" + b"x" * 3_000_000, FORM, 413),
        (b"", FORM, 403),
    ],
)
def test_bodies_that_cannot_be_read(
    client: Client, services: Services, extension: str, body: bytes, kind: str, status: int
) -> None:
    response = client.generic("POST", f"{BASE}/requests.{extension}", body, content_type=kind)
    assert response.status_code == status
    assert errors_in(response, extension)[0][0] == str(status)


@pytest.mark.parametrize("extension", FORMATS)
def test_ten_thousand_fields_in_a_multipart_body(client: Client, services: Services, extension: str) -> None:
    fields = {"api_key": town.KEY, **REPORT, **{f"attribute[a{number}]": "1" for number in range(10_000)}}
    response = client.post(f"{BASE}/requests.{extension}", fields)
    assert response.status_code == 400
    assert "at most" in errors_in(response, extension)[0][1]


@pytest.mark.parametrize("extension", FORMATS)
def test_the_wrong_method_and_the_wrong_address(client: Client, services: Services, extension: str) -> None:
    response = client.delete(f"{BASE}/services.{extension}")
    assert response.status_code == 405
    assert "GET" in response["Allow"]
    assert errors_in(response, extension)
    response = client.post(f"{BASE}/services.{extension}")
    assert response.status_code == 405
    nowhere = client.get(
        f"{BASE}/nowhere/at/all",
        headers={"Accept": "application/json" if extension == "json" else "text/xml"},
    )
    assert nowhere.status_code == 404
    assert errors_in(nowhere, extension)


def test_another_format_is_named(client: Client, services: Services) -> None:
    response = client.get(f"{BASE}/services.csv", headers={"Accept": "application/json"})
    assert response.status_code == 400
    assert "csv" in errors_in(response, "json")[0][1]


@pytest.mark.parametrize("extension", FORMATS)
def test_too_many_questions_are_told_when_to_come_back(
    client: Client, services: Services, settings: Any, extension: str
) -> None:
    settings.CIVICLINE = replace(settings.CIVICLINE, open311_reads_per_minute=3)
    answers = [client.get(f"{BASE}/services.{extension}") for _ in range(5)]
    assert 429 in {answer.status_code for answer in answers}
    limited = next(answer for answer in answers if answer.status_code == 429)
    assert "3" in errors_in(limited, extension)[0][1]
    assert 1 <= int(limited["Retry-After"]) <= 60
    good = next(answer for answer in answers if answer.status_code == 200)
    assert good["RateLimit-Limit"] == "3"


@pytest.mark.parametrize("extension", FORMATS)
def test_a_busy_database_says_try_again(
    post: Post, services: Services, monkeypatch: pytest.MonkeyPatch, extension: str
) -> None:
    def busy(*_arguments: Any, **_named: Any) -> None:
        raise Busy

    monkeypatch.setattr(views.reports, "take_in", busy)
    response = post(REPORT, to=f"requests.{extension}")
    assert response.status_code == 503
    assert int(response["Retry-After"]) > 0
    assert errors_in(response, extension)


@pytest.mark.parametrize("extension", FORMATS)
def test_a_fault_of_ours_shows_no_trace(
    post: Post, services: Services, monkeypatch: pytest.MonkeyPatch, extension: str
) -> None:
    def broken(*_arguments: Any, **_named: Any) -> None:
        raise ZeroDivisionError("secret detail")

    monkeypatch.setattr(views.reports, "take_in", broken)
    response = post(REPORT, to=f"requests.{extension}")
    assert response.status_code == 500
    assert "secret detail" not in response.content.decode()
    assert errors_in(response, extension)


def photo(size: int = 100) -> io.BytesIO:
    file = io.BytesIO(b"\xff\xd8\xff" + b"x" * size)
    file.name = "hole.jpg"
    return file


@pytest.mark.parametrize("extension", FORMATS)
@pytest.mark.parametrize(("files", "size"), [(6, 100), (21, 100), (1, 1_000_001)])
def test_too_many_or_too_large_photos(
    client: Client, services: Services, settings: Any, extension: str, files: int, size: int
) -> None:
    settings.CIVICLINE = replace(settings.CIVICLINE, uploads_max_mb=1, uploads_max_files=5)
    fields = {"api_key": town.KEY, **REPORT, "media": [photo(size) for _ in range(files)]}
    response = client.post(f"{BASE}/requests.{extension}", fields)
    assert response.status_code == 413
    assert "at most" in errors_in(response, extension)[0][1]
    assert Contact.objects.count() == 0


def test_reports_are_taken_while_redis_is_away(post: Post, services: Services, settings: Any) -> None:
    nobody_listens = f"redis://127.0.0.1:{free_port()}/0"
    redis = {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": nobody_listens}
    settings.CACHES = {"default": redis}
    report = {**REPORT, "device_id": "tt222111"}
    first, again = post(report), post(report)
    assert first.status_code == 200, first.content
    assert first.json() == again.json()


def test_too_many_ids_at_once(client: Client, services: Services) -> None:
    ids = ",".join(f"SM-{number}" for number in range(501))
    response = client.get(f"{BASE}/requests.json?service_request_id={ids}")
    assert response.status_code == 400
    assert "500" in errors_in(response, "json")[0][1]


def test_an_endless_idempotency_key(post: Post, services: Services) -> None:
    response = post(REPORT, headers={"Idempotency-Key": "k" * 121})
    assert response.status_code == 400
    assert "120" in errors_in(response, "json")[0][1]
