"""The residents' pages in a real browser: without a mouse, without JavaScript, at 320 px, from right to left."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

OpenPage = Callable[..., Any]
Axe = Callable[[Any], list[str]]
PHONE = {"width": 320, "height": 640}
DESKTOP = {"width": 1440, "height": 900}
EXPECTED = "status of 40"  # the browser's own note about a page with an error summary


class Walk:
    """Goes from page to page and looks at each."""

    def __init__(self, page: Any, axe: Axe) -> None:
        self.page, self.axe, self.seen = page, axe, list[str]()
        self.complaints: list[str] = []
        page.on("console", lambda one: self.complaints.append(one.text) if one.type == "error" else None)
        page.on("pageerror", lambda one: self.complaints.append(str(one)))

    def look(self, name: str) -> None:
        """No fault that axe can find, one heading of the first rank, nothing sideways."""
        self.seen.append(name)
        assert self.axe(self.page) == [], name
        assert self.page.locator("h1").count() == 1, name
        wide = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
        assert not self.page.evaluate(wide), f"{name} scrolls sideways"

    def go(self, address: str, name: str) -> None:
        self.page.goto(address)
        self.look(name)

    def press(self, selector: str, name: str) -> None:
        with self.page.expect_navigation():
            self.page.click(selector)
        self.look(name)


@pytest.mark.parametrize("view", [DESKTOP, PHONE], ids=["wide", "narrow"])
@pytest.mark.parametrize("language", ["en", "ar"])
def test_every_page_is_without_faults(
    new_page: OpenPage, axe: Axe, language: str, view: dict[str, int]
) -> None:
    page = new_page(viewport=view)
    walk = Walk(page, axe)
    walk.go(f"/{language}/", "front page")
    for address in (
        "search/?q=hole in the road",
        "search/?q=zzxq",
        "services/council-tax/",
        "services/pothole/",
    ):
        walk.go(f"/{language}/{address}", address)
    for address in ("status/", "accessibility/", "privacy/", "nowhere/"):
        walk.go(f"/{language}/{address}", address)
    walk.go(f"/{language}/services/pothole/form/", "start page")
    send = "main form .btn-primary"
    walk.press(send, "choice")
    walk.press(send, "choice with an error")
    page.check("input[value=plate]")
    walk.press(send, "text")
    page.fill("textarea", "Deep")
    walk.press(send, "place")
    page.fill("#address", "12 Quay Street")
    walk.press(send, "contact")
    page.fill("#email", "nobody")
    walk.press(send, "contact with an error")
    page.fill("#email", "")
    walk.press(send, "check answers")
    walk.press(".aside a[href$='/saved/']", "saved")
    walk.press(".actions .btn-primary", "check answers again")
    walk.press(send, "confirmation")
    walk.press(".actions .btn", "status")
    walk.press(".aside .btn-primary", "add to it")
    walk.press(send, "add with an error")
    page.fill("#text", "It grew")
    walk.press(send, "status with more")
    walk.press(".doings a", "withdraw")
    page.fill("#reason", "It was filled")
    walk.press(send, "status when closed")
    walk.press(".notice a", "feedback")
    walk.press(send, "feedback with an error")
    page.check("#satisfaction")
    walk.press(send, "thanks")
    assert [one for one in walk.complaints if EXPECTED not in one] == []


def test_kinds_of_questions_are_without_faults(new_page: OpenPage, axe: Axe) -> None:
    page = new_page(viewport=PHONE)
    walk = Walk(page, axe)
    send = "main form .btn-primary"
    walk.go("/en/services/council-tax-reduction/form/", "start page")
    walk.press(send, "choice")
    page.check("input[value=alone]")
    walk.press(send, "number")
    page.fill("main form input[name^='a-']", "1,200")
    walk.press(send, "date")
    page.fill("input[name$='-day']", "31")
    walk.press(send, "date with an error")
    walk.go("/en/services/missed-bin/form/", "start page")
    walk.press(send, "choices")


# --- By keyboard alone


class Keyboard:
    """Moves by Tab, presses by Enter or Space; never touches a pointer."""

    def __init__(self, page: Any) -> None:
        self.page = page

    def to(self, selector: str, most: int = 60) -> None:
        """Tab forwards until this has the focus, and see that the focus shows."""
        for _ in range(most):
            if self.page.evaluate("selector => document.activeElement.matches(selector)", selector):
                shown = "getComputedStyle(document.activeElement)"
                ring = self.page.evaluate(f"[{shown}.outlineStyle, {shown}.boxShadow]")
                assert ring != ["none", "none"], f"the focus on {selector} cannot be seen"
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"Tab does not reach {selector} on {self.page.url}")

    @contextmanager
    def leaving(self) -> Iterator[None]:
        with self.page.expect_navigation():
            yield

    def enter(self, selector: str) -> None:
        self.to(selector)
        with self.leaving():
            self.page.keyboard.press("Enter")

    def write(self, selector: str, text: str) -> None:
        self.to(selector)
        self.page.keyboard.type(text)


def test_the_whole_journey_by_keyboard_alone(new_page: OpenPage) -> None:
    page = new_page()
    keys = Keyboard(page)
    page.goto("/en/")
    page.keyboard.press("Tab")
    keys.to(".skip", most=1)
    keys.write("#q", "hole in the road")
    with keys.leaving():
        page.keyboard.press("Enter")
    keys.enter(".results a[href$='/services/pothole/']")
    keys.enter("a[href$='/services/pothole/form/']")
    send = "main form .btn-primary"
    keys.enter(send)
    keys.enter(send)
    assert page.evaluate("document.activeElement.matches('.errsum')"), "the error summary takes the focus"
    keys.to(".errsum a")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "a-q-size"
    page.keyboard.press("Space")
    keys.enter(send)
    keys.write("textarea", "Deep")
    keys.enter(send)
    keys.write("#address", "12 Quay Street")
    keys.enter(send)
    keys.write("#name", "Grace")
    keys.enter(send)
    keys.enter(send)
    assert page.locator(".done-ref").inner_text().startswith("SM-")
    keys.enter(".actions .btn")
    keys.enter(".aside .btn-primary")
    keys.write("#text", "It grew")
    keys.enter(send)
    assert page.get_by_text("It grew").count() == 1
    keys.enter(".doings a")
    keys.write("#reason", "It was filled")
    keys.enter(send)
    keys.enter(".notice a")
    keys.to("[name=satisfaction]")
    page.keyboard.press("Space")
    keys.to("[name=ease]")
    page.keyboard.press("Space")
    keys.enter(send)
    assert page.get_by_text("Thank you for telling us").is_visible()


# --- Without JavaScript, and with it


def test_everything_works_without_javascript(new_page: OpenPage) -> None:
    page = new_page(java_script_enabled=False)
    page.goto("/en/services/pothole/form/")
    send = "main form .btn-primary"
    page.click(send)
    page.check("input[value=plate]")
    page.click(send)
    page.click(send)
    assert not page.locator("[data-locate-ask]").is_visible()
    page.click("main form [name=later]")
    link = page.locator(".keep-link").get_attribute("href")
    assert not page.locator("[data-copy]").is_visible()
    page.goto(link)
    assert page.locator("main form [name=later]").is_visible()  # the question at which they stopped
    page.click(send)
    page.click(send)
    page.click(send)
    assert page.locator(".done-ref").is_visible()
    reference, code = page.locator(".done-ref").inner_text(), page.locator(".keep-code").inner_text()
    page.context.clear_cookies()
    page.goto(f"/en/status/{reference}/")
    page.fill("#code", code)
    page.click(send)
    assert page.locator("h1").inner_text() == "Pothole"


def test_the_place_is_asked_of_the_device_only_when_told_to(new_page: OpenPage) -> None:
    page = new_page(
        geolocation={"latitude": 51.5007, "longitude": -0.1246, "accuracy": 14}, permissions=["geolocation"]
    )
    page.goto("/en/services/pothole/form/")
    send = "main form .btn-primary"
    page.click(send)
    page.check("input[value=plate]")
    page.click(send)
    page.click(send)
    page.click("[data-locate-ask]")
    page.get_by_text("We have your place, to about 20 metres.").wait_for()
    page.click(send)
    page.click(send)
    assert page.get_by_text("51.50070, -0.12460").is_visible()


def test_waits_renew_by_themselves_and_leave_alone_what_has_the_focus(new_page: OpenPage) -> None:
    page = new_page()
    page.clock.install()
    page.goto("/en/")
    page.evaluate("document.querySelector('#talk-now').dataset.old = 'yes'")
    page.focus("#talk-now .btn")
    page.clock.run_for(31_000)
    assert page.locator("#talk-now[data-old]").count() == 1
    page.focus("#q")
    with page.expect_response("**/en/waits/"):
        page.clock.run_for(31_000)
    page.locator("#talk-now:not([data-old])").wait_for()
