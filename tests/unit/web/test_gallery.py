"""The shells and parts as the gallery draws them: markup that every page inherits."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest

from scripts.gallery_pages import PAGES, Page, render

STYLES = Path(__file__).resolve().parents[3] / "frontend/src/styles"
VARIANTS = [(page, variant) for page in PAGES for variant in page.variants]


class Elements(HTMLParser):
    """All elements of a page with their attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def all(self, *tags: str) -> Iterator[dict[str, str | None]]:
        yield from (attributes for tag, attributes in self.found if tag in tags)


@pytest.fixture(
    scope="module", params=VARIANTS, ids=lambda each: f"{each[0].name}{each[1] and '-' + each[1]}"
)
def drawn(request: pytest.FixtureRequest) -> tuple[Page, str, str, Elements]:
    page, variant = request.param
    html = render(page, variant)
    return page, variant, html, Elements(html)


def test_nothing_on_a_page_needs_an_unsafe_content_security_policy(
    drawn: tuple[Page, str, str, Elements],
) -> None:
    _, _, html, elements = drawn

    for _, attributes in elements.found:
        assert "style" not in attributes
        assert not [name for name in attributes if re.match(r"on[a-z]+$|hx-on", name)]
    assert re.findall(r"<script[^>]*>\s*[^<\s]", html) == []
    assert "javascript:" not in html


def test_language_direction_and_theme_stand_on_the_first_element(
    drawn: tuple[Page, str, str, Elements],
) -> None:
    page, variant, _, elements = drawn
    root = next(elements.all("html"))

    assert (root["lang"], root["dir"]) == (("ar", "rtl") if variant == "rtl" else ("en", "ltr"))
    assert root["data-surface"] in {"portal", "desk", "board"}
    if variant == "dark":
        assert root["data-theme"] == "dark"
    if page.name == "wall":
        assert root["data-theme"] == "board"


def test_ids_are_unique_and_whatever_is_named_by_id_exists(drawn: tuple[Page, str, str, Elements]) -> None:
    _, _, _, elements = drawn
    ids = Counter(attributes["id"] for _, attributes in elements.found if attributes.get("id"))

    assert [name for name, count in ids.items() if count > 1] == []
    for _, attributes in elements.found:
        for reference in ("for", "aria-labelledby", "aria-describedby", "aria-controls"):
            for name in (attributes.get(reference) or "").split():
                assert name in ids, f"{reference}={name}"


def test_every_field_has_a_name_for_screen_readers(drawn: tuple[Page, str, str, Elements]) -> None:
    _, _, html, elements = drawn
    labelled = {attributes.get("for") for attributes in elements.all("label")}

    for field in elements.all("input", "select", "textarea"):
        if field.get("type") in {"hidden", "submit"}:
            continue
        inside = re.search(
            rf'<label[^>]*>(?:(?!</label>).)*<[a-z]+[^>]*name="{re.escape(field.get("name") or "-")}"',
            html,
            re.S,
        )
        assert (
            field.get("id") in labelled
            or field.get("aria-label")
            or inside
            or "data-single-keys" in field
            or not field.get("name")
        )


def test_each_page_has_one_main_and_one_first_heading(drawn: tuple[Page, str, str, Elements]) -> None:
    page, _, _, elements = drawn

    assert len(list(elements.all("main"))) == 1
    expected = 2 if page.name == "portal-fields" else 1  # the confirmation panel stands there as a sample
    assert len(list(elements.all("h1"))) == expected


def test_a_page_with_errors_says_so_first_and_links_to_each_field() -> None:
    form = next(page for page in PAGES if page.name == "portal-form")
    html = render(form, "")
    elements = Elements(html)

    assert "<title>Error: Where do you live now?" in html
    ids = {attributes.get("id") for _, attributes in elements.found}
    for target in re.findall(r'<li><a href="#([\w-]+)">', html):
        assert target in ids
    assert 'id="postcode"' in html
    assert 'aria-describedby="postcode-error" aria-invalid="true"' in html
    assert html.index('id="postcode-error"') < html.index('id="postcode" name="postcode"')


def test_a_wait_is_never_drawn_without_words() -> None:
    html = render(next(page for page in PAGES if page.name == "parts"), "")

    assert "9 to 16 minutes" in html
    assert "Less than a minute" in html
    assert "We do not know yet" in html
    assert "0 minutes" not in re.sub(r"\d0 minutes", "", html)
    assert re.findall(r'<svg class="range[^>]*>', html) == re.findall(
        r'<svg class="range[^>]*aria-hidden="true"[^>]*>', html
    )


@pytest.mark.parametrize("sheet", sorted(STYLES.rglob("*.css")), ids=lambda path: path.name)
def test_styles_know_no_left_and_right(sheet: Path) -> None:
    css = re.sub(r"/\*.*?\*/", "", sheet.read_text(encoding="utf-8"), flags=re.S)

    assert (
        re.findall(
            r"(?:margin|padding|border)-(?:left|right)\b|[\s;{](?:left|right)\s*:|:\s*(?:left|right)\s*;", css
        )
        == []
    )
