"""Take pictures of every page of the demo town, at 1440 and 390 px and right to left: `make screenshots [NAMES]`.

A server of its own is started on a free port with a fresh demo town; pictures go to docs/screenshots.
"""

import os
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.servers import Civicline  # noqa: E402 -- after the path is known

FOLDER = ROOT / "docs" / "screenshots"
CHROMIUM = next(
    (path for path in ("/usr/bin/chromium", "/usr/bin/google-chrome") if Path(path).exists()), None
)
PASSWORD = "saltmere-demo"  # noqa: S105 -- of the demo town, known to everybody
DESKTOP, PHONE, WALL = (1440, 900), (390, 844), (1920, 1080)


@dataclass(frozen=True)
class Shot:
    """One page: a name, where it is (`{lang}` for the language), who looks at it, and in which sizes."""

    name: str
    path: str
    who: str = ""
    sizes: tuple[tuple[int, int], ...] = (DESKTOP, PHONE)


SHOTS = [
    Shot("portal-home", "/{lang}/"),
    Shot("portal-services", "/{lang}/services/"),
    Shot("portal-status", "/{lang}/status/"),
    Shot("portal-report", "/{lang}/report/"),
    Shot("chat-start", "/chat/"),
    Shot("sign-in", "/accounts/login/"),
    Shot("desk", "/desk/", "nadia@saltmere.example"),
    Shot("supervisor", "/supervisor/", "oskar@saltmere.example"),
    Shot("board", "/board/", "oskar@saltmere.example", (WALL,)),
    Shot("admin", "/admin/", "amina@saltmere.example"),
    Shot("accounts-mfa", "/accounts/2fa/", "nadia@saltmere.example"),
]


def sign_in(page: Any, email: str) -> None:
    """Sign in as one of the demo town's staff."""
    page.goto("/accounts/login/")
    page.fill("input[name=login]", email)
    page.fill("input[name=password]", PASSWORD)
    page.click("form[action*=login] button[type=submit], form button[type=submit]")
    page.wait_for_load_state("networkidle")


def take(browser: Any, base: str, shot: Shot, language: str) -> str | None:
    """Take one page in all its sizes; return what was wrong with it."""
    for width, height in shot.sizes:
        context = browser.new_context(
            base_url=base,
            locale=language,
            viewport={"width": width, "height": height},
            reduced_motion="reduce",
        )
        try:
            page = context.new_page()
            if shot.who:
                sign_in(page, shot.who)
            answer = page.goto(shot.path.format(lang=language))
            if answer is None or answer.status >= 400:
                return f"{shot.name}: {shot.path} answers {answer.status if answer else 'nothing'}"
            page.wait_for_function("document.fonts.ready")
            suffix = f"-{language}" if language != "en" else ""
            page.screenshot(path=FOLDER / f"{shot.name}-{width}{suffix}.png", full_page=width == PHONE[0])
        finally:
            context.close()
    return None


def main(names: list[str]) -> int:
    """Take those named, or all; return 1 when any page was not there."""
    if CHROMIUM is None:
        print(
            "Chromium takes the pictures and is not installed; on Debian: apt-get install chromium",
            file=sys.stderr,
        )
        return 1
    from playwright.sync_api import sync_playwright

    FOLDER.mkdir(parents=True, exist_ok=True)
    wrong: list[str] = []
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        server = Civicline(Path(folder) / "var", environment=dict(_settings())).start()
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        try:
            for shot in SHOTS:
                if not names or shot.name in names:
                    problems = (take(browser, server.url, shot, language) for language in ("en", "ar"))
                    wrong += [problem for problem in problems if problem]
        finally:
            browser.close()
            server.stop()
    for problem in wrong:
        print(problem)
    return 1 if wrong else 0


def _settings() -> list[tuple[str, str]]:
    return [(name, value) for name, value in os.environ.items() if name.startswith("CIVICLINE_TOWN_")]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
