"""A menu is drawn, tried and published in a real browser, by keyboard, in three languages, one from right to left."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from civicline.demo.calls import plan
from tests.e2e.admin.test_administration import sign_in

LANGUAGES = ["en", "es", "ar"]
NewPage = Callable[..., Any]
Axe = Callable[[Any], list[str]]
SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@contextmanager
def speaking(page: Any, language: str) -> Iterator[None]:
    """The administrator's pages are in this language; English again afterwards, for others."""
    _choose_language(page, language)
    try:
        yield
    finally:
        _choose_language(page, "en")


def _choose_language(page: Any, language: str) -> None:
    page.goto("/staff/settings/")
    page.select_option("[name=language]", language)
    _submit(page, "[name=language]")
    assert page.evaluate("document.documentElement.lang") == language


def _submit(page: Any, selector: str) -> None:
    """Send the form of this field from the keyboard."""
    with page.expect_navigation():
        page.locator(selector).first.evaluate("one => one.form.querySelector('[type=submit]').focus()")
        page.keyboard.press("Enter")


def _choose(page: Any, selector: str) -> None:
    """Tick or choose from the keyboard."""
    page.locator(selector).focus()
    page.keyboard.press("Space")


def _sound(page: Any, axe: Axe, language: str) -> None:
    """Nothing that axe finds, nothing sideways, and the right way round."""
    assert axe(page) == []
    assert page.evaluate(SIDEWAYS) <= 0
    assert page.evaluate("getComputedStyle(document.body).direction") == (
        "rtl" if language == "ar" else "ltr"
    )


def _add(page: Any, menu: str, key: str, kind: str) -> None:
    page.goto(menu)
    page.locator("a[href$='/steps/new/']").press("Enter")
    page.fill("[name=code]", key)
    _choose(page, f"[name=kind][value={kind}]")
    _submit(page, "[name=code]")
    assert f"/steps/{key}/" in page.url


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_menu_is_drawn_tried_and_published(new_page: NewPage, axe: Axe, language: str) -> None:
    page = new_page(viewport={"width": 1440, "height": 900})
    sign_in(page, "administrator")
    with speaking(page, language):
        page.goto("/admin/calls/new/")
        page.fill("[name=code]", f"trial-{language}")
        page.fill(f"[name=name_{language}]", "Trial")
        _sound(page, axe, language)
        _submit(page, "[name=code]")
        menu = page.url
        _add(page, menu, "choice", "ask_digit")
        _add(page, menu, "line", "queue")
        _add(page, menu, "bye", "hang_up")
        page.goto(menu)
        assert page.locator("#step-choice .flow-problems li").count() >= 3
        assert page.locator("form.publish").count() == 0
        _sound(page, axe, language)
        page.locator("#step-choice h3 a").press("Enter")
        page.select_option("[name=prompt]", "anything_else")
        for field, target in (("key_1_next", "line"), ("silence", "bye"), ("invalid", "bye")):
            page.select_option(f"[name={field}]", target)
        _sound(page, axe, language)
        _submit(page, "[name=prompt]")
        assert page.url.endswith("#step-choice")
        page.locator("#step-line h3 a").press("Enter")
        page.select_option("[name=queue]", "general")
        page.select_option("[name=full]", "bye")
        _submit(page, "[name=queue]")
        page.locator(f"a[href$='/menus/trial-{language}/settings/']").press("Enter")
        page.select_option("[name=give_up]", "line")
        _submit(page, "[name=give_up]")
        assert page.locator(".flow-problems").count() == 0
        assert page.locator(".flow-step").count() == 3
        page.fill("[name=note]", "Trial")
        _submit(page, "[name=note]")
        assert page.locator("#versions + *, .flow-versions li").count() >= 1
        assert page.locator("form.publish").count() == 0
        _sound(page, axe, language)


@pytest.mark.parametrize(("language", "width"), [("en", 1440), ("es", 390), ("ar", 390), ("ar", 1440)])
def test_the_towns_menu_is_tried_by_keyboard(new_page: NewPage, axe: Axe, language: str, width: int) -> None:
    said = plan()["prompts"]
    page = new_page(viewport={"width": width, "height": 900})
    sign_in(page, "administrator")
    with speaking(page, language):
        page.goto("/admin/calls/menus/town-line/")
        _sound(page, axe, language)
        page.locator("a[href$='/town-line/try/']").press("Enter")
        page.wait_for_url("**/try/")
        page.select_option("form [name=language]", language)
        with page.expect_navigation():
            page.locator("button[name=ring]").press("Enter")
        page.locator(f".talk-text[lang={language}]", has_text=said["menu"][language]).wait_for()
        _sound(page, axe, language)
        with page.expect_navigation():
            page.locator(".keypad button[value='5']").press("Enter")
        first = page.locator(".talk > li").first
        assert said["opening_times"][language] in first.inner_text()
        assert first.locator(".talk-text").nth(1).evaluate("one => getComputedStyle(one).direction") == (
            "rtl" if language == "ar" else "ltr"
        )
        sound = page.request.get(first.locator("a").first.get_attribute("href"))
        assert sound.headers["content-type"] == "audio/wav"
        assert len(sound.body()) > 100_000
        page.locator("#typed").fill("1")
        with page.expect_navigation():
            page.keyboard.press("Enter")
        with page.expect_navigation():
            page.locator("button[value=hang_up]").press("Enter")
        assert page.locator(".keypad").count() == 0
        _sound(page, axe, language)


def test_prompts_are_written_and_heard(new_page: NewPage, axe: Axe) -> None:
    page = new_page(viewport={"width": 390, "height": 844})
    sign_in(page, "editor")
    page.goto("/admin/calls/prompts/")
    _sound(page, axe, "en")
    page.goto("/admin/calls/prompts/new/")
    page.fill("[name=code]", "flood")
    page.fill("[name=texts_en]", "Quay Street is under water.")
    page.fill("[name=texts_ar]", "شارع الرصيف تحت الماء.")
    _submit(page, "[name=code]")
    _sound(page, axe, "en")
    assert page.locator("#listen ~ * audio, .listen audio").count() == 2
    player = page.locator(".listen audio").first
    seconds = player.evaluate(
        "one => new Promise((done, fail) => { one.onloadedmetadata = () => done(one.duration);"
        " one.onerror = () => fail(one.error.message); one.preload = 'auto'; one.load(); })"
    )
    assert 0.8 < seconds < 6


def test_everything_works_without_a_script(new_page: NewPage) -> None:
    page = new_page(java_script_enabled=False)
    page.goto("/accounts/login/")
    page.fill("[name=login]", "amina@saltmere.example")
    page.fill("[name=password]", "saltmere-demo")
    page.locator("[name=password]").press("Enter")
    page.goto("/admin/calls/menus/town-line/steps/times/")
    page.select_option("[name=next]", "menu")
    page.get_by_role("button", name="Save").click()
    assert page.locator("#step-times .flow-ways").inner_text().endswith("menu")
    page.goto("/admin/calls/menus/town-line/steps/times/")
    page.select_option("[name=next]", "anything-else")
    page.get_by_role("button", name="Save").click()
    page.goto("/admin/calls/menus/town-line/try/")
    page.get_by_role("button", name="Ring").click()
    page.locator(".keypad button[value='1']").click()
    page.locator(".keypad button[value='4']").click()
    assert "Type the reference" in page.locator(".talk").inner_text()
