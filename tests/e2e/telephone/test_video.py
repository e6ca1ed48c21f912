"""A resident who signs calls with a picture: two real browsers see each other through the real exchange."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.call_room import CallRoom
from tests.e2e.telephone.test_agent import desk
from tests.servers import wait_until

Axe = Callable[[Any], list[str]]
CAMERA = ["microphone", "camera"]
SEEN = """
(selector) => {
  const video = document.querySelector(selector);
  if (!video || !video.srcObject || video.videoWidth === 0) return null;
  const canvas = document.createElement("canvas");
  canvas.width = 64;
  canvas.height = 48;
  const context = canvas.getContext("2d");
  context.drawImage(video, 0, 0, 64, 48);
  return [...context.getImageData(0, 0, 64, 48).data].join();
}
"""
"""The picture that this page shows now, point by point; null while there is none."""
DECODED = """
async () => {
  let frames = 0;
  for (const one of window.testConnections)
    for (const row of (await one.getStats()).values())
      if (row.type === "inbound-rtp" && row.kind === "video") frames += row.framesDecoded || 0;
  return frames;
}
"""
THEM, CALLER = "[data-video-them]", "[data-picture-them]"


@pytest.fixture
def agent(signing_agent: str) -> str:
    """An agent who signs, with a camera in the browser."""
    return signing_agent


def guest(room: CallRoom, language: str = "en", **options: Any) -> Any:
    """A resident who sees themselves and calls."""
    page = room.page(permissions=CAMERA, viewport={"width": 1440, "height": 1000}, **options)
    page.goto(f"/{language}/call/video/")
    page.click("[data-video-open]")
    page.wait_for_selector("[data-video-begin]:not([hidden])")
    wait_until(lambda: page.evaluate(SEEN, "[data-video-me]"), what="they see themselves")
    page.click("[data-video-begin]")
    page.wait_for_selector("[data-video-call][data-phase]:not([data-phase=idle])", timeout=20_000)
    return page


def moves(page: Any, selector: str) -> bool:
    """Whether frames arrive, and what is shown is another picture than a moment ago."""
    frames, picture = page.evaluate(DECODED), page.evaluate(SEEN, selector)
    if picture is None:
        return False

    def other() -> bool:
        return bool(page.evaluate(DECODED) > frames and page.evaluate(SEEN, selector) not in (None, picture))

    try:
        wait_until(other, seconds=2, what="the picture moves")
    except AssertionError:
        return False
    return True


def see_each_other(resident: Any, agent: Any) -> None:
    """Both pictures move."""
    wait_until(lambda: moves(resident, THEM), seconds=20, what="the resident sees the agent")
    wait_until(lambda: moves(agent, CALLER), seconds=20, what="the agent sees the resident")


def connected(room: CallRoom, agent: str) -> tuple[Any, Any, dict[str, Any]]:
    """A resident and an agent who see each other; both pages and the call."""
    page = desk(room, agent, permissions=CAMERA)
    resident = guest(room)
    page.wait_for_selector("[data-offer]", timeout=20_000)
    page.keyboard.press("Alt+a")
    call = room.house.reaches("talking", contact="connected", seconds=30)
    page.wait_for_selector("#picture:not([hidden])", timeout=20_000)
    page.wait_for_selector(".callbar[data-call-state=talks]", timeout=20_000)
    resident.wait_for_selector("[data-video-call][data-phase=talking]", timeout=20_000)
    see_each_other(resident, page)
    return resident, page, call


def test_a_resident_and_an_agent_see_each_other_write_and_turn_their_cameras_off(
    room: CallRoom, agent: str, axe: Axe
) -> None:
    resident, page, call = connected(room, agent)
    assert "connected with Agent" in resident.inner_text("[data-video-state]")
    assert resident.title().startswith("You are connected")
    assert "British Sign Language" in page.inner_text("#call .picture-told")
    assert axe(resident) == []
    assert axe(page) == []

    resident.fill("#video-line", "Good morning. My bin was not emptied.")
    resident.keyboard.press("Enter")
    page.wait_for_selector("#messages .msg >> text=My bin was not emptied")
    page.fill("#composer textarea", "Which street is it?")
    page.click("#composer button[type=submit]")
    resident.wait_for_selector("[data-video-lines] >> text=Which street is it?")
    assert [side for side, _ in room.house.do("lines", contact=call["contact"])] == ["in", "out"]

    page.keyboard.press("Alt+v")
    resident.wait_for_selector("[data-video-sign] >> text=Their camera is off", timeout=10_000)
    page.keyboard.press("Alt+v")
    resident.wait_for_selector("[data-video-sign][hidden]", state="attached", timeout=15_000)
    see_each_other(resident, page)
    resident.click("[data-video-off]")
    page.wait_for_selector("[data-picture-sign] >> text=turned their camera off", timeout=10_000)
    resident.click("[data-video-off]")
    page.wait_for_selector("[data-picture-sign][hidden]", state="attached", timeout=15_000)
    see_each_other(resident, page)

    page.keyboard.press("Alt+h")
    page.wait_for_selector(".callbar[data-call-state=held]")  # the same key means the other thing only then
    resident.wait_for_selector("[data-video-call][data-phase=held]")
    page.keyboard.press("Alt+h")
    page.wait_for_selector(".callbar[data-call-state=talks]")
    resident.wait_for_selector("[data-video-call][data-phase=talking]")
    see_each_other(resident, page)

    room.house.voice.kill()
    see_each_other(resident, page)
    with resident.expect_response("**/call/video/line/", timeout=60_000) as line:
        room.house.voice.start()
    assert line.value.status == 200
    log = room.house.voice.log
    wait_until(lambda: '"resumed": 1' in log.read_text(), what="the call is taken up", seconds=30)
    page.wait_for_selector("#telephone-state[data-state^=call]", timeout=30_000)
    resident.wait_for_selector("[data-video-call][data-phase=talking]", timeout=30_000)
    see_each_other(resident, page)
    resident.click("[data-video-end]")
    room.house.reaches("wrapup", contact="wrap_up", seconds=30)
    page.wait_for_selector("#picture", state="hidden", timeout=30_000)
    assert room.house.do("recordings", contact=call["contact"]) == []


def test_whoever_has_no_camera_is_asked_with_consent_only_and_the_caller_is_told(
    room: CallRoom, agent: str
) -> None:
    room.house.do("takes_video", agent=agent, wanted=False)
    page = desk(room, agent, permissions=CAMERA)
    resident = guest(room)
    resident.wait_for_selector("[data-video-title] >> text=You are number 1 in line", timeout=20_000)
    assert "Nobody who signs British Sign Language" in resident.inner_text("[data-video-text]")
    assert page.locator("[data-offer]").count() == 0
    resident.click("[data-video-waive-now]")
    page.wait_for_selector("[data-offer]", timeout=20_000)
    page.keyboard.press("Alt+a")
    room.house.reaches("talking", contact="connected", seconds=30)
    resident.wait_for_selector("[data-video-sign] >> text=they have no camera", timeout=20_000)
    assert "has no camera" in resident.inner_text("[data-video-text]")
    wait_until(lambda: moves(page, CALLER), seconds=20, what="the agent sees the resident all the same")
    assert page.evaluate(SEEN, "[data-picture-me]") is None
    assert "agreed to go on in writing" in page.inner_text("#call .picture-told")
    page.keyboard.press("Alt+x")
    resident.wait_for_selector("[data-video-state][data-state=over]", timeout=20_000)


def test_what_is_wrong_with_the_camera_is_said_and_no_microphone_is_needed(
    room: CallRoom, agent: str
) -> None:
    page = room.page(permissions=CAMERA)
    page.add_init_script(
        """
        const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
        window.refuses = "NotAllowedError";
        navigator.mediaDevices.getUserMedia = (wanted) =>
          wanted.audio || window.refuses ? Promise.reject(new DOMException("no", window.refuses)) : open(wanted);
        """
    )
    page.goto("/en/call/video/")
    for name, told in {
        "NotAllowedError": "does not let this page use the camera",
        "NotFoundError": "no camera",
    }.items():
        page.evaluate("name => { window.refuses = name; }", name)
        page.click("[data-video-open]")
        wait_until(lambda: told in page.inner_text("[data-video-state]"), what="it is said")  # noqa: B023
    page.evaluate("window.refuses = ''")
    page.click("[data-video-open]")
    page.check("[data-video-sound]")
    page.click("[data-video-begin]")
    wait_until(lambda: room.house.call().get("state") == "queued", what="they wait, without a microphone")
    assert room.house.do("visits")[-1]["call"] == room.house.call()["id"]
    page.click("[data-video-end]")
    room.house.reaches("ended")
