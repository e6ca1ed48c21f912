"""Take pictures of a call while it is on. Needs Chromium, Asterisk and a network of its own.

A resident who signs calls the demo town from a page, and an agent answers at the desk: both see each other through the
real exchange. Pictures go to docs/screenshots beside those of `scripts/screenshots.py`.
"""

from __future__ import annotations

import io
import json
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from PIL import Image

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from scripts.screenshots import COLOURS, FOLDER, PROGRAMS  # noqa: E402 -- after the path is known
from tests import call_room, pages  # noqa: E402
from tests.exchange import Exchange, missing  # noqa: E402
from tests.own_network import own_network  # noqa: E402

QUEUE = "council-tax"
CAMERA = ["microphone", "camera"]
CALL_S = 40_000  # milliseconds


def order(house: Exchange, *orders: dict[str, Any]) -> list[Any]:
    """What the town's helper answers to these orders."""
    settings = house.voice.settings() | {"DJANGO_SETTINGS_MODULE": "civicline.config.settings"}
    done = subprocess.run(
        [sys.executable, "-m", "tests.telephones"], input="".join(f"{json.dumps(one)}\n" for one in orders),
        env=settings | {"PYTHONPATH": str(ROOT)}, cwd=ROOT, text=True, capture_output=True, check=True,
    )  # fmt: skip
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    if any("error" in one for one in answers):
        raise RuntimeError(str(answers))
    return [one["answer"] for one in answers]


def furnish(stack: ExitStack, folder: Path, playwright: Any, program: str) -> tuple[Exchange, Any]:
    """The demo town with its exchange, and a Chromium in the same network."""
    address = stack.enter_context(own_network())
    house = Exchange(
        folder / "var",
        options={
            "CIVICLINE_DEMO": "yes", "CIVICLINE_VOICE_ICE_CANDIDATES": f"{address}=127.0.0.1",
            "CIVICLINE_TOWN_TIME_ZONE": pages.mid_morning(),
        },
    )  # fmt: skip
    stack.callback(house.stop)
    house.voice.start()
    house.wait_connected()
    subprocess.run(
        [sys.executable, "-m", "civicline", "demo", "--telephones"],
        env=house.voice.settings(), cwd=folder, check=True, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    chromium = call_room.chromium_inside(playwright.chromium, folder)
    stack.callback(chromium.close)
    return house, chromium


def visitor(chromium: Any, house: Exchange, size: tuple[int, int]) -> Any:
    """A page of somebody with a camera."""
    context = chromium.new_context(
        base_url=house.voice.url, locale="en-GB", permissions=CAMERA, reduced_motion="reduce",
        timezone_id=pages.mid_morning(), viewport={"width": size[0], "height": size[1]},
    )  # fmt: skip
    context.set_default_timeout(CALL_S)
    return context.new_page()


def call(desk: Any, resident: Any) -> None:
    """They see each other, and a line is written."""
    resident.goto("/en/call/video/")
    resident.click("[data-video-open]")
    resident.click("[data-video-begin]:not([hidden])")
    desk.wait_for_selector("[data-offer]")
    desk.keyboard.press("Alt+a")
    for page, picture in ((desk, "[data-picture-them]"), (resident, "[data-video-them]")):
        page.wait_for_function("(s) => document.querySelector(s)?.videoWidth > 0", arg=picture)
    resident.fill("#video-line", "Good morning. The letter says I owe for March twice.")
    resident.keyboard.press("Enter")
    desk.wait_for_selector("#messages .msg >> text=for March twice")
    desk.fill("#composer textarea", "I see it. One moment, please.")
    desk.click("#composer button[type=submit]")
    resident.wait_for_selector("[data-video-lines] >> text=One moment")
    desk.wait_for_selector("[data-quality=good], [data-quality=fair], [data-quality=poor]")


def keep(page: Any, name: str, *, whole: bool) -> None:
    """One picture, in few colours."""
    picture = Image.open(io.BytesIO(page.screenshot(full_page=whole))).convert("RGB")
    picture.quantize(COLOURS, dither=Image.Dither.NONE).save(FOLDER / f"{name}.png", optimize=True)


def main() -> int:
    """Take them; return 1 where something that this needs is missing."""
    program = next((path for path in PROGRAMS if Path(path).exists()), None)
    lacking = missing() or (
        "" if program else "Chromium takes the pictures; on Debian: apt-get install chromium"
    )
    if program is None or lacking:
        print(lacking, file=sys.stderr)
        return 1
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright, ExitStack() as stack:
        house, chromium = furnish(stack, Path(folder), playwright, program)
        nadia = order(house, {"do": "agent_of", "email": f"{pages.NADIA}@saltmere.example"})[0]
        order(
            house, {"do": "offers_video", "queue": QUEUE}, {"do": "rings_in", "agent": nadia, "kind": "browser"},
            {"do": "signs", "agent": nadia}, {"do": "takes_video", "agent": nadia},
            {"do": "presence", "agent": nadia, "state": "available"},
        )  # fmt: skip
        desk = visitor(chromium, house, pages.DESKTOP)
        pages.sign_in(desk, pages.NADIA)
        pages.come_to_work(desk)
        desk.wait_for_selector("#telephone-state[data-state=ready]")
        resident = visitor(chromium, house, pages.DESKTOP)
        call(desk, resident)
        keep(desk, "desk-video-1440", whole=False)
        keep(resident, "portal-video-talking-1440", whole=True)
        for page, name, whole in ((desk, "desk-video", False), (resident, "portal-video-talking", True)):
            page.set_viewport_size({"width": pages.PHONE[0], "height": pages.PHONE[1]})
            keep(page, f"{name}-390", whole=whole)
        resident.click("[data-video-end]")
        desk.wait_for_selector("#telephone-state[data-state=ready]")
    return 0


if __name__ == "__main__":
    sys.exit(main())
