"""Every page that `make screenshots` takes: without a fault that axe finds, and nothing sideways on a telephone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests import pages
from tests.servers import Civicline

# Nadia first, while the offer rings
ROLES = (
    pages.NADIA,
    pages.MEI,
    pages.INES,
    pages.RUTH,
    pages.OSKAR,
    pages.PAULA,
    pages.AMINA,
    pages.EDGAR,
    pages.VERA,
    pages.RESIDENT,
)
SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Mapping[str, str]]]:
    """A town in a busy moment: its address, and what is where."""
    server = Civicline(tmp_path_factory.mktemp("busy") / "var")
    try:
        yield server.url, pages.busy_town(server)
    finally:
        server.stop()


@contextmanager
def visit(browser: Any, base: str, size: tuple[int, int]) -> Iterator[Any]:
    """A fresh browser of this size."""
    view = {"width": size[0], "height": size[1]}
    with closing(
        browser.new_context(base_url=base, locale="en-GB", viewport=view, reduced_motion="reduce")
    ) as context:
        context.set_default_timeout(20_000)
        yield context.new_page()


@pytest.mark.parametrize("who", ROLES, ids=lambda who: who or "resident")
def test_every_page_is_without_faults(
    browser: Any, busy: tuple[str, Mapping[str, str]], axe: Callable[[Any], list[str]], who: str
) -> None:
    base, facts = busy
    faults: dict[str, list[str]] = {}
    with visit(browser, base, pages.DESKTOP) as page:
        if who:
            pages.sign_in(page, who)
        if who == pages.NADIA:
            pages.hear_an_offer(page)
        for shown in (one for one in pages.PAGES if one.who == who):
            if not who:
                page.context.clear_cookies()
            pages.show(page, shown, facts)
            if found := axe(page):
                faults[shown.name] = found
    assert faults == {}


def test_no_page_of_residents_scrolls_sideways_on_a_telephone(
    browser: Any, busy: tuple[str, Mapping[str, str]]
) -> None:
    base, facts = busy
    wide: dict[str, int] = {}
    with visit(browser, base, pages.PHONE) as page:
        for shown in (one for one in pages.PAGES if one.who == pages.RESIDENT):
            page.context.clear_cookies()
            pages.show(page, shown, facts)
            if (more := page.evaluate(SIDEWAYS)) > 0:
                wide[shown.name] = more
    assert wide == {}


def test_the_pictures_that_the_readme_shows_are_there() -> None:
    root = Path(__file__).resolve().parents[2]
    for name in ("portal-home-1440.png", "desk-1440.png"):
        assert name in (root / "README.md").read_text(encoding="utf-8")
        assert (root / "docs" / "screenshots" / name).exists(), f"`make screenshots` makes {name}"
