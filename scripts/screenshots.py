"""Take pictures of every page of the demo town, at 1440 and 390 px, dark and right to left: `make screenshots`.

`scripts/screenshots.py NAMES` takes only those named. A server of its own is started on a free port with a fresh demo
town in a busy moment; pictures go to docs/screenshots, in few colours so that the folder stays small.
"""

from __future__ import annotations

import io
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PIL import Image

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests import pages  # noqa: E402 -- after the path is known
from tests.servers import Civicline  # noqa: E402

FOLDER = ROOT / "docs" / "screenshots"
PROGRAMS = ("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome")
COLOURS = 128
COLLEAGUES = ("ines", "jonas", "mei")
ORDER = (
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
LOCALES = {"en": "en-GB", "ar": "ar"}


class Studio:
    """One signed-in browser per person and look."""

    def __init__(self, browser: Any, base: str, facts: Mapping[str, str]) -> None:
        self.browser, self.base, self.facts = browser, base, facts
        self.states: dict[str, Any] = {}

    def visitor(self, who: str, look: str, size: tuple[int, int]) -> Any:
        """A fresh context; staff are signed in once, and their cookies used again."""
        context = self.browser.new_context(
            base_url=self.base,
            locale=LOCALES["ar" if look == "ar" else "en"],
            color_scheme="dark" if look == "dark" else "light",
            timezone_id=pages.mid_morning(),
            viewport={"width": size[0], "height": size[1]},
            reduced_motion="reduce",
            storage_state=self.states.get(who),
        )
        context.set_default_timeout(15_000)
        if who and who not in self.states:
            page = context.new_page()
            pages.sign_in(page, who)
            self.states[who] = context.storage_state()
            page.close()
        return context

    def take(self, shown: pages.Shown, look: str, size: tuple[int, int]) -> None:
        """Take one picture."""
        context = self.visitor(shown.who, look, size)
        try:
            page = context.new_page()
            pages.show(page, shown, self.facts, "ar" if look == "ar" else "en")
            page.wait_for_load_state("load")
            # Staff's pages are screens with their own bars; residents' pages are read to their end.
            whole = shown.who == pages.RESIDENT
            picture = page.screenshot(full_page=whole)
        finally:
            context.close()
        name = "-".join([shown.name, *([look] if look else []), str(size[0])])
        few = Image.open(io.BytesIO(picture)).convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
        few.save(FOLDER / f"{name}.png", optimize=True)


def _looks(shown: pages.Shown) -> list[tuple[str, tuple[int, int]]]:
    return [("", size) for size in shown.sizes] + [(look, shown.sizes[0]) for look in shown.also]


def _try(studio: Studio, shown: pages.Shown, look: str, size: tuple[int, int]) -> list[str]:
    try:
        studio.take(shown, look, size)
    except Exception as fault:
        return [f"{shown.name} {look} {size[0]}: {str(fault)[:300]}"]
    return []


def _take_all(studio: Studio, server: Civicline, names: list[str]) -> list[str]:
    """Staff first, while the offer rings; Arabic last, because the language of staff belongs to their account."""
    desks = [studio.visitor(who, "", pages.DESKTOP) for who in (pages.NADIA, *COLLEAGUES)]
    open_desks = [desk.new_page() for desk in desks]  # who closes the desk is away
    for page in reversed(open_desks):
        pages.come_to_work(page)
    pages.hear_an_offer(open_desks[0])
    pages.on_floor(server, "working-day")
    chosen = [shown for shown in pages.PAGES if not names or shown.name in names]
    chosen.sort(key=lambda shown: ORDER.index(shown.who))
    todo = [(shown, look, size) for shown in chosen for look, size in _looks(shown)]
    wrong = [problem for one in todo if one[1] != "ar" for problem in _try(studio, *one)]
    pages.on_floor(server, "ar")
    open_desks[0].reload()
    wrong += [problem for one in todo if one[1] == "ar" for problem in _try(studio, *one)]
    for desk in desks:
        desk.close()
    return wrong


def main(names: list[str]) -> int:
    """Take those named, or all; return 1 when any page was not as it should be."""
    program = next((path for path in PROGRAMS if Path(path).exists()), None)
    if program is None:
        print("Chromium takes the pictures; on Debian: apt-get install chromium", file=sys.stderr)
        return 1
    from playwright.sync_api import sync_playwright

    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        server = Civicline(Path(folder) / "var")
        try:
            facts = pages.busy_town(server)
            browser = playwright.chromium.launch(
                executable_path=program, args=["--no-sandbox", "--disable-gpu"]
            )
            wrong = _take_all(Studio(browser, server.url, facts), server, names)
            browser.close()
        finally:
            server.stop()
    for problem in wrong:
        print(problem)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
