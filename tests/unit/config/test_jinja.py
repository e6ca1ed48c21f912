"""The template environment: built files, icons, escaping, strictness."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.conf import settings
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.csrf import CsrfViewMiddleware
from django.test import RequestFactory
from jinja2 import DictLoader, UndefinedError
from markupsafe import Markup

from civicline.config import jinja


def write(folder: Path, **files: str) -> None:
    (folder / "manifest.json").write_text(json.dumps(files), encoding="utf-8")


def test_a_front_end_that_is_not_built_is_told_with_its_remedy(tmp_path: Path) -> None:
    with pytest.raises(jinja.FrontEndNotBuilt, match=r"npm ci && npm run build"):
        jinja.Manifest(tmp_path).file("portal.css")


def test_an_unknown_file_is_told_with_those_there_are(tmp_path: Path) -> None:
    write(tmp_path, **{"portal.css": "portal-1A.css"})
    with pytest.raises(jinja.FrontEndNotBuilt, match=r"It has: portal\.css"):
        jinja.Manifest(tmp_path).file("lobby.css")


def test_a_new_build_is_noticed_without_a_restart(tmp_path: Path) -> None:
    manifest = jinja.Manifest(tmp_path)
    write(tmp_path, **{"portal.css": "portal-1A.css"})
    assert manifest.file("portal.css") == "portal-1A.css"

    write(tmp_path, **{"portal.css": "portal-2BB.css"})
    manifest._read_at = 0  # a file system may keep times to the second only
    manifest.look()

    assert manifest.file("portal.css") == "portal-2BB.css"


def test_icons_are_drawn_in_place_and_turn_round_where_they_point(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "icons-1.svg").write_text(
        '<svg><symbol id="i-next" viewBox="0 0 20 20"><path d="M1"/></symbol>'
        '<symbol id="p-wrap" viewBox="0 0 14 14"><path d="M2"/></symbol></svg>'
    )
    write(tmp_path, **{"icons.svg": "icons-1.svg"})
    monkeypatch.setattr(jinja, "manifest", jinja.Manifest(tmp_path))

    assert jinja.icon("next") == Markup(
        '<svg class="i i-mirror" viewBox="0 0 20 20" aria-hidden="true" focusable="false"><path d="M1"/></svg>'
    )
    assert 'role="img" aria-label="&lt;b&gt;"' in jinja.icon("next", label="<b>")
    assert 'class="g g-wrap"' in jinja.glyph("wrap")
    with pytest.raises(KeyError, match="no icon 'i-nxt'"):
        jinja.icon("nxt")


def made(**templates: str) -> str:
    environment = jinja.environment(loader=DictLoader(templates))
    return environment.get_template("page").render(name="<b>Grace</b>")


def test_words_of_people_are_escaped_and_translations_too() -> None:
    assert made(page="{{ name }}") == "&lt;b&gt;Grace&lt;/b&gt;"
    assert made(page="{% trans %}Hello {{ name }}{% endtrans %}") == "Hello &lt;b&gt;Grace&lt;/b&gt;"


def test_a_misspelt_name_fails_instead_of_leaving_a_hole() -> None:
    with pytest.raises(UndefinedError):
        made(page="{{ nmae }}")


def test_a_reference_keeps_its_direction() -> None:
    assert made(page="{{ 'SM-4K7-291'|ref }}") == '<bdi class="ref">SM-4K7-291</bdi>'


def test_the_place_in_a_title_keeps_its_own_direction_of_writing() -> None:
    assert jinja.titled("حفرة في الطريق: 12 Quay Street") == "حفرة في الطريق: <bdi>12 Quay Street</bdi>"
    assert jinja.titled("<b>: <i>") == "&lt;b&gt;: <bdi>&lt;i&gt;</bdi>"
    assert jinja.titled("Pothole") == "Pothole"
    assert jinja.titled("Pothole: ") == "Pothole: "


def test_each_page_has_a_token_of_its_own_and_django_takes_them_all() -> None:
    secret = "sEcReT00" * 4
    tokens = set()
    for _ in range(20):
        page = RequestFactory().get("/desk/")
        page.META["CSRF_COOKIE"] = secret
        token = str(jinja.form_token(page)["csrf_token"])
        assert page.META["CSRF_COOKIE_NEEDS_UPDATE"]
        tokens.add(token)
        assert _refused(secret, token) is None
    assert len(tokens) == 20
    assert not any(secret in token for token in tokens)
    assert _refused(secret, "x" * 64) is not None


def test_the_first_page_of_a_browser_brings_the_secret_along() -> None:
    page = RequestFactory().get("/desk/")
    token = str(jinja.form_token(page)["csrf_token"])
    assert _refused(page.META["CSRF_COOKIE"], token) is None


def _refused(secret: str, token: str) -> HttpResponseBase | None:
    """What Django's own check answers to a form with this token; None lets it pass."""
    form = RequestFactory().post("/desk/", {"csrfmiddlewaretoken": token})
    form.COOKIES[settings.CSRF_COOKIE_NAME] = secret
    check = CsrfViewMiddleware(lambda _request: HttpResponse())
    check.process_request(form)
    return check.process_view(form, lambda _request: HttpResponse(), (), {})
