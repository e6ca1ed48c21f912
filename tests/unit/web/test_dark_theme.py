"""The dark theme: written once, followed without a script, on every page of those who work here, never on paper."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.conf import settings
from django.template.loader import render_to_string

from civicline.config.jinja import static

BUILT = Path(settings.STATICFILES_DIRS[0])


def _sheet(name: str) -> str:
    return (BUILT / static(name).removeprefix("/static/")).read_text(encoding="utf-8")


def _roles(css: str, selector: str) -> str:
    found = re.search(re.escape(selector) + r"\{(color-scheme:dark;[^}]*)\}", css)
    assert found is not None, selector
    return found[1]


@pytest.mark.parametrize("name", ["portal.css", "desk.css", "admin.css"])
def test_as_the_computer_is_the_dark_theme_again_under_the_readers_wish(name: str) -> None:
    css = _sheet(name)

    assert _roles(css, ":root[data-theme-auto]") == _roles(css, ":root[data-theme=dark]")
    assert re.search(
        r"@media ?\(prefers-color-scheme: ?dark\) ?\{:root\[data-theme-auto\]\{color-scheme", css
    )
    assert re.search(r"@media screen\{:root\[data-theme=dark\]\{color-scheme", css), "paper is light"


@pytest.mark.parametrize(
    ("reader", "told", "scheme"),
    [
        (None, " data-theme-auto", "light dark"),
        (SimpleNamespace(theme="auto"), " data-theme-auto", "light dark"),
        (SimpleNamespace(theme="dark"), ' data-theme="dark"', "dark"),
        (SimpleNamespace(theme="light"), ' data-theme="light"', "light"),
    ],
)
def test_a_fault_is_told_in_the_theme_of_the_reader(
    reader: SimpleNamespace | None, told: str, scheme: str
) -> None:
    request = SimpleNamespace(_cached_user=reader, get_full_path=lambda: "/desk/")

    page = render_to_string("shells/error.html", {"status": 404, "request": request})

    assert told in page
    assert f'<meta name="color-scheme" content="{scheme}">' in page


def test_a_fault_is_told_where_nobody_knows_who_asks() -> None:
    assert " data-theme-auto" in render_to_string("shells/error.html", {"status": 503})
