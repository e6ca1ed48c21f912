"""Every page of the product, for the pictures and for the test that looks at each."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from tests import laid_out
from tests.further_pages import FURTHER
from tests.mid_morning import mid_morning
from tests.servers import ROOT, Civicline, wait_until
from tests.shown import (
    AMINA,
    DESKTOP,
    EDGAR,
    INES,
    MEI,
    NADIA,
    OSKAR,
    PASSWORD,
    PAULA,
    PHONE,
    RESIDENT,
    RUTH,
    VERA,
    WALL,
    Shown,
    press,
)

__all__ = [
    "AMINA", "DESKTOP", "EDGAR", "INES", "MEI", "NADIA", "OSKAR", "PAGES", "PASSWORD", "PAULA", "PHONE", "RESIDENT",
    "RUTH", "VERA", "WALL", "Shown", "busy_town", "come_to_work", "hear_an_offer", "mid_morning", "on_floor", "show",
    "sign_in",
]  # fmt: skip

LAST_WORKED = next(
    day
    for day in (datetime.now(UTC).date() - timedelta(days=number) for number in range(2, 9))
    if day.weekday() < 5
)
NEXT_MONDAY = datetime.now(UTC).date() + timedelta(days=7 - datetime.now(UTC).weekday())


def _question(page: Any) -> None:
    press(page)


def _errors(page: Any) -> None:
    press(page)
    press(page)


def _check(page: Any) -> None:
    press(page)
    page.check("input[value=plate]")
    press(page)
    page.fill("textarea", "Deep, in front of the bakery. Two cyclists fell.")
    press(page)
    page.fill("#address", "12 Quay Street")
    press(page)
    page.fill("#email", "grace@resident.example")
    press(page)


def _sent(page: Any) -> None:
    _check(page)
    press(page)


def _case(page: Any) -> None:
    _sent(page)
    press(page, ".actions .btn")


def _feedback(page: Any) -> None:
    _case(page)
    press(page, ".doings a")
    page.fill("#reason", "It was filled this morning")
    press(page)
    press(page, ".notice a")


def _chat(page: Any) -> None:
    page.fill("#body", "I moved out in March, and my bill did not change.")
    press(page, "form button[type=submit]")
    page.wait_for_selector("#place")


def _chat_ended(page: Any) -> None:
    _chat(page)
    page.goto(page.url.rstrip("/") + "/end")
    press(page, "main form .btn-primary, main form .btn-danger, main form button[type=submit]")


def _challenge(page: Any) -> None:
    page.fill("[name=login]", "dario@saltmere.example")
    page.fill("[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_selector("[name=code]")


def _offer(page: Any) -> None:
    page.wait_for_selector("[data-offer]")


def _keys(page: Any) -> None:
    page.keyboard.press("?")
    page.wait_for_selector("#keys[open]")


def forecast_made(page: Any) -> None:
    """The worker makes the forecasts of the first start; the page draws them when they are there."""
    wait_until(lambda: _drawn(page), seconds=60, what="the forecast is made", every=1.0)


def _drawn(page: Any) -> bool:
    page.reload()
    return bool(page.locator(".chart-band").count())


def _consequences(page: Any) -> None:
    page.fill("[name=start]", "09:30")
    page.fill("[name=end]", "18:00")
    page.wait_for_selector("#consequences .i")


def _simulated(page: Any) -> None:
    page.fill("[name=name]", "One more in the morning")
    page.fill("[name=extra]", "1")
    page.click("main form .btn-primary")
    page.wait_for_selector(".compare", timeout=60_000)


def _palette(page: Any) -> None:
    page.keyboard.press("Control+k")
    page.keyboard.type("Grace")
    page.wait_for_selector("#palette [role=option]")


def _ring(page: Any) -> None:
    press(page, "button[name=ring]")
    press(page, ".keypad button[value='1']")


PAGES = [
    Shown("portal-home", "/{lang}/", also=("ar",)),
    Shown("portal-search", "/{lang}/search/?q=hole in the road"),
    Shown("portal-search-none", "/{lang}/search/?q=zzxq"),
    Shown("portal-service", "/{lang}/services/council-tax/", also=("ar",)),
    Shown("portal-form-start", "/{lang}/services/pothole/form/"),
    Shown(
        "portal-form-question",
        "/{lang}/services/pothole/form/",
        before=_question,
        view="portal:form_question",
        also=("ar",),
    ),
    Shown("portal-form-error", "/{lang}/services/pothole/form/", before=_errors, also=("ar",)),
    Shown("portal-form-check", "/{lang}/services/pothole/form/", before=_check, view="portal:form_check"),
    Shown("portal-form-sent", "/{lang}/services/pothole/form/", before=_sent, view="portal:form_sent"),
    Shown("portal-status", "/{lang}/status/"),
    Shown("portal-case", "/{lang}/services/pothole/form/", before=_case, view="portal:case", also=("ar",)),
    Shown("portal-feedback", "/{lang}/services/pothole/form/", before=_feedback, view="portal:feedback"),
    Shown("portal-accessibility", "/{lang}/accessibility/"),
    Shown("portal-privacy", "/{lang}/privacy/"),
    Shown("portal-404", "/{lang}/nowhere/", status=404),
    Shown("chat-start", "/chat/?service=council-tax"),
    Shown("chat-waiting", "/chat/?service=council-tax", before=_chat, also=("ar",)),
    Shown("chat-ended", "/chat/?service=health", before=_chat_ended),
    Shown("chat-talking", "/chat/{contact}/", secret="contact_secret", also=("ar",)),
    Shown("chat-closed", "/chat/{closed}/", secret="closed_secret"),
    Shown("sign-in", "/accounts/login/"),
    Shown("sign-in-code", "/accounts/login/", before=_challenge, view="mfa_authenticate"),
    Shown("second-factor", "/accounts/2fa/", NADIA),
    Shown("desk", "/desk/c/{contact}/", NADIA, also=("ar", "dark")),
    Shown("desk-call", "/desk/c/{call}/", MEI, also=("ar", "dark")),
    Shown("desk-idle", "/desk/", RUTH),
    Shown("desk-offer", "/desk/", NADIA, before=_offer),
    Shown("desk-closed", "/desk/c/{closed}/", NADIA),
    Shown("desk-wrap-up", "/desk/c/{closing}/", NADIA, (DESKTOP,)),
    Shown("desk-keys", "/desk/", NADIA, (DESKTOP,), before=_keys),
    Shown("desk-palette", "/desk/", NADIA, (DESKTOP,), before=_palette),
    Shown("desk-search", "/desk/search?q=Grace", NADIA),
    Shown("desk-cases", "/desk/cases/", NADIA),
    Shown("desk-case", "/desk/cases/{case}/", NADIA, also=("ar",)),
    Shown("supervisor", "/supervisor/", OSKAR, also=("ar", "dark")),
    Shown("supervisor-queue", "/supervisor/q/homes/", OSKAR),
    Shown("supervisor-person", "/supervisor/p/{nadia}/", OSKAR, (DESKTOP,)),
    Shown("supervisor-report", "/supervisor/report/", OSKAR),
    Shown("supervisor-calls", "/supervisor/calls/", OSKAR, also=("ar",)),
    Shown("recordings", "/recordings/", OSKAR, also=("ar",)),
    Shown("recording-rules", "/recordings/rules/", AMINA),
    Shown("supervisor-screens", "/supervisor/screens/", AMINA, (DESKTOP,)),
    Shown("plan-forecast", f"/plan/?day={NEXT_MONDAY}", PAULA, before=forecast_made, also=("ar", "dark")),
    Shown("plan-days", "/plan/days/", PAULA),
    Shown("plan-history", "/plan/history/", PAULA, (DESKTOP,)),
    Shown("plan-people", f"/plan/people/?day={NEXT_MONDAY}", PAULA, also=("ar",)),
    Shown("plan-rule", "/plan/people/benefits/", PAULA, (DESKTOP,)),
    Shown("plan-week", f"/plan/week/?week={NEXT_MONDAY}", PAULA, also=("ar",)),
    Shown("plan-fairness", f"/plan/fairness/?week={NEXT_MONDAY}", PAULA, also=("ar",)),
    Shown("plan-shift", f"/plan/shifts/new/?agent={{nadia}}&day={NEXT_MONDAY}", PAULA, before=_consequences),
    Shown("plan-team", "/plan/team/", PAULA, (DESKTOP,)),
    Shown("plan-contract", "/plan/team/{nadia}/", PAULA, (DESKTOP,)),
    Shown("plan-requests", "/plan/requests/", PAULA),
    Shown("plan-kept", f"/plan/kept/?day={LAST_WORKED}", PAULA),
    Shown("plan-what-if", "/plan/what-if/", PAULA, (DESKTOP,)),
    Shown("plan-past", "/plan/past/", PAULA),
    Shown("plan-trainings", "/plan/training/", PAULA),
    Shown("plan-hirings", "/plan/hiring/", PAULA),
    Shown("plan-on-call", f"/plan/on-call/?week={NEXT_MONDAY}", PAULA, also=("ar",)),
    Shown("plan-duty", "/plan/on-call/duties/new/", PAULA, (DESKTOP,)),
    Shown("plan-office", "/plan/offices/new/", PAULA, (DESKTOP,)),
    Shown("plan-changes", "/plan/changes/", AMINA),
    Shown("plan-compared", "/plan/what-if/", PAULA, before=_simulated, view="planner:what_if", also=("ar",)),
    Shown("my-shifts", f"/my/?day={NEXT_MONDAY}", RUTH, (PHONE,), also=("ar",)),
    Shown("my-swaps", "/my/swaps/", RUTH, (PHONE,)),
    Shown("my-leave", "/my/leave/", RUTH, (PHONE,)),
    Shown("my-on-call", "/my/on-call/", RUTH, (PHONE,), also=("ar",)),
    Shown("my-kept", f"/my/kept/?day={LAST_WORKED}", RUTH, (PHONE,)),
    Shown("wall", "/board/", OSKAR, (WALL,), also=("ar",)),
    Shown("admin", "/admin/", AMINA, also=("ar",)),
    Shown("admin-services", "/admin/services/", AMINA, (DESKTOP,)),
    Shown("admin-service", "/admin/services/pothole/", AMINA),
    Shown("admin-question", "/admin/services/pothole/questions/size/", AMINA, (DESKTOP,)),
    Shown("admin-queue", "/admin/queues/council-tax/", AMINA),
    Shown("admin-hours", "/admin/hours/town-hall/", AMINA),
    Shown("admin-skills", "/admin/skills/", AMINA, (DESKTOP,)),
    Shown("admin-staff", "/admin/staff/", AMINA),
    Shown("admin-person", "/admin/staff/{nadia}/", AMINA, (DESKTOP,)),
    Shown("admin-promises", "/admin/promises/", AMINA, (DESKTOP,)),
    Shown("admin-text", "/admin/texts/greeting/", EDGAR),
    Shown("admin-messages", "/admin/messages/", EDGAR, (DESKTOP,)),
    Shown("admin-residents", "/admin/residents/", AMINA, (DESKTOP,)),
    Shown("admin-holds", "/admin/holds/", AMINA),
    Shown("admin-retention", "/admin/retention/", AMINA),
    Shown("admin-webhooks", "/admin/connections/webhooks/", AMINA, (DESKTOP,)),
    Shown("admin-webhook", "/admin/connections/webhooks/new/", AMINA),
    Shown("admin-keys", "/admin/connections/keys/", AMINA, (DESKTOP,)),
    Shown("admin-connections", "/admin/connections/", AMINA, (DESKTOP,)),
    Shown("admin-calls", "/admin/calls/", AMINA, (DESKTOP,)),
    Shown("admin-call-menu", "/admin/calls/menus/town-line/", AMINA, also=("ar",)),
    Shown("admin-call-step", "/admin/calls/menus/town-line/steps/menu/", AMINA, (DESKTOP,)),
    Shown("admin-call-try", "/admin/calls/menus/town-line/try/", AMINA, before=_ring, also=("ar",)),
    Shown("admin-prompts", "/admin/calls/prompts/", EDGAR, (DESKTOP,)),
    Shown("admin-prompt", "/admin/calls/prompts/menu/", EDGAR),
    Shown("admin-call-rules", "/admin/calls/rules/", AMINA, (DESKTOP,)),
    Shown("admin-call-rule", "/admin/calls/rules/benefits/", AMINA),
    Shown("admin-do-not-call", "/admin/calls/do-not-call/", AMINA),
    Shown("admin-listening", "/admin/calls/listening/", AMINA, (DESKTOP,)),
    Shown("admin-audit", "/admin/audit/", VERA),
    Shown("staff-settings", "/staff/settings/", NADIA, (DESKTOP,)),
    Shown("staff-sessions", "/staff/sessions/", NADIA, (DESKTOP,)),
    *FURTHER,
]


TELEPHONE = {
    "CIVICLINE_VOICE_MODE": "external", "CIVICLINE_VOICE_ARI_URL": "http://127.0.0.1:9",
    "CIVICLINE_VOICE_ARI_PASSWORD": "nobody-answers-there", "CIVICLINE_VOICE_LINES": "30",
    "CIVICLINE_VOICE_GUEST_NUMBER": "442079460999",
    "CIVICLINE_VOICE_TRUNKS": json.dumps([{"id": "network", "host": "192.0.2.5"}]),
}  # fmt: skip
"""Pages show a telephone; the exchange behind it is away, and no page needs it."""


def busy_town(server: Civicline) -> Mapping[str, str]:
    """Start the server with a busy floor; return what `tests.floor` made, by name."""
    server.environment = TELEPHONE | {"CIVICLINE_TOWN_TIME_ZONE": mid_morning()} | server.environment
    if "CIVICLINE_DATABASE_URL" not in server.environment:
        laid_out.town_in(server.var, server.environment)
    server.start()
    facts: dict[str, str] = json.loads(on_floor(server).splitlines()[-1])
    return facts


def on_floor(server: Civicline, *arguments: str) -> str:
    """Run `tests.floor` beside the server; return what it printed."""
    settings = server.settings() | {"DJANGO_SETTINGS_MODULE": "civicline.config.settings"}
    made = subprocess.run(
        [sys.executable, "-m", "tests.floor", *arguments],
        cwd=ROOT,
        env=settings,
        capture_output=True,
        text=True,
        check=False,
    )
    if made.returncode:
        raise RuntimeError(f"the floor could not be made:\n{made.stderr[-3000:]}")
    return made.stdout


def sign_in(page: Any, who: str) -> None:
    """Sign in as one of the demo town's staff."""
    page.goto("/accounts/login/")
    page.fill("[name=login]", f"{who}@saltmere.example")
    page.fill("[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda address: "/accounts/login" not in address)


def come_to_work(page: Any) -> None:
    """This desk is alive."""
    page.goto("/desk/")
    page.wait_for_selector("#hand")


def hear_an_offer(page: Any) -> None:
    """Nadia's desk is alive, and one offer rings."""
    page.goto("/desk/")
    page.wait_for_selector("#hand")
    wait_until(lambda: page.locator("[data-offer]").count() > 0, seconds=30, what="an offer rings", every=0.2)


def show(page: Any, shown: Shown, facts: Mapping[str, str], language: str = "en") -> None:
    """Open the page; AssertionError when it answers something else than it should."""
    if shown.secret:
        page.goto("/health/live")
        page.context.add_cookies(
            [{"name": "chat_secret", "value": facts[shown.secret], "url": page.url[:-12]}]
        )
    answer = page.goto(shown.path.format(lang=language, **facts))
    status = answer.status if answer else 0
    assert status == shown.status, f"{shown.name}: {shown.path} answers {status}"
    shown.before(page)
    page.evaluate("document.fonts.ready")
