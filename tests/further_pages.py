"""The pages beside the main ways: forms for something new, one object of each list, and somebody's own account."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.shown import (
    AMINA,
    DESKTOP,
    EDGAR,
    INES,
    MEI,
    NADIA,
    NO_PICTURE,
    OSKAR,
    PASSWORD,
    PAULA,
    PHONE,
    RUTH,
    VERA,
    Shown,
    press,
)

WIDE = (DESKTOP,)
_DAY = datetime.now(UTC).date() + timedelta(days=17 - datetime.now(UTC).weekday())
IN_A_FORTNIGHT = (
    f"kind=overtime&start={_DAY}T16:00&end={_DAY}T18:00&places=2"  # a Thursday on which nothing is planned
)


def _said_again(page: Any) -> None:
    """Whoever changes how they sign in says their password once more."""
    if page.locator("[name=password]").count():
        page.fill("[name=password]", PASSWORD)
        press(page)


def _reason_given(page: Any) -> None:
    """It is asked once in a session."""
    if page.locator("main input[type=radio]").count():
        page.check("main input[type=radio] >> nth=0")
        press(page)


def _saved(page: Any) -> None:
    press(page)
    press(page, "[name=later]")


def _adding(page: Any) -> None:
    press(page, "aside .btn-primary")


def _stepping(page: Any) -> None:
    press(page, ".doings a")


def _acting(page: Any) -> None:
    page.click("#calls a[id^=call-]")
    page.wait_for_selector("dialog#act[open] #act-parts")


OF_RESIDENTS = [
    Shown("portal-form-saved", "/{lang}/services/pothole/form/", before=_saved, view="portal:form_saved"),
    Shown("portal-case-add", "/{lang}/open/{case}/{secret}/", before=_adding, view="portal:case_add"),
    Shown("portal-case-step", "/{lang}/open/{case}/{secret}/", before=_stepping, view="portal:case_step"),
    Shown("portal-call", "/{lang}/call/", also=("ar",)),
    Shown("portal-video", "/{lang}/call/video/", also=("ar",)),
    Shown("chat-end", "/chat/{contact}/end", sizes=NO_PICTURE, secret="contact_secret"),
    Shown("chat-leave", "/chat/{contact}/leave", sizes=NO_PICTURE, secret="contact_secret"),
    Shown("api-docs", "/api/v1/docs", sizes=NO_PICTURE),
    Shown("password-reset", "/accounts/password/reset/"),
    Shown("password-reset-sent", "/accounts/password/reset/done/", sizes=NO_PICTURE),
    Shown("password-reset-over", "/accounts/password/reset/key/1-over/", sizes=NO_PICTURE),
    Shown("password-reset-done", "/accounts/password/reset/key/done/", sizes=NO_PICTURE),
]  # fmt: skip
OF_STAFF = [
    Shown("sign-out", "/accounts/logout/", OSKAR, NO_PICTURE),
    Shown("sign-in-again", "/accounts/reauthenticate/", OSKAR, WIDE),
    Shown("password-change", "/accounts/password/change/", OSKAR, WIDE),
    Shown("one-time-codes", "/accounts/2fa/totp/activate/", OSKAR, before=_said_again),
    Shown("passkeys", "/accounts/2fa/webauthn/", OSKAR, NO_PICTURE, before=_said_again),
    Shown("passkey-new", "/accounts/2fa/webauthn/add/", OSKAR, WIDE, before=_said_again),
    Shown("desk-resident", "/desk/people/{resident}/", NADIA),
    Shown("desk-search-none", "/desk/search?q=zzxq", NADIA, WIDE),
    Shown("desk-telephone", "/desk/telephone/", MEI, WIDE),
    Shown("supervisor-contact", "/supervisor/c/{waiting}/", OSKAR, WIDE),
    Shown("supervisor-call", "/supervisor/calls/{call}/", OSKAR, WIDE),
    Shown("supervisor-listening", "/supervisor/calls/", OSKAR, before=_acting, also=("ar",)),
    Shown("desk-company", "/desk/c/{company}/", INES, also=("ar",)),
    Shown("recording-reason", "/recordings/{recording}/", OSKAR, WIDE),
    Shown("recording", "/recordings/{recording}/", OSKAR, also=("ar",), before=_reason_given),
    Shown("voice-message", "/recordings/messages/{voice_message}/", OSKAR, WIDE),
    Shown("plan-shift-edit", "/plan/shifts/{shift}/", PAULA, NO_PICTURE),
    Shown("plan-duty-edit", "/plan/on-call/duties/{duty_rule}/", PAULA, NO_PICTURE),
    Shown("plan-office-edit", "/plan/offices/town-hall/", PAULA, NO_PICTURE),
    Shown("plan-today", "/plan/today/", PAULA),
    Shown("plan-whom-to-ask", f"/plan/requests/people/?{IN_A_FORTNIGHT}", PAULA),
    Shown("plan-pattern-new", "/plan/patterns/new/", PAULA, NO_PICTURE),
    Shown("plan-pattern", "/plan/patterns/early/", PAULA, WIDE),
    Shown("my-swap", "/my/shifts/{own_shift}/", RUTH, (PHONE,)),
    Shown("my-turn-swap", "/my/on-call/{duty}/trade/", RUTH, (PHONE,)),
    Shown("my-called-out", "/my/on-call/{duty}/", RUTH, (PHONE,)),
]
OF_ADMINISTRATION = [
    Shown("admin-queues", "/admin/queues/", AMINA, WIDE),
    Shown("admin-hours-list", "/admin/hours/", AMINA, WIDE),
    Shown("admin-texts", "/admin/texts/", EDGAR, WIDE),
    Shown("admin-message", "/admin/messages/{message}/", EDGAR),
    Shown("admin-skill", "/admin/skills/benefits/", AMINA, NO_PICTURE),
    Shown("admin-promise", "/admin/promises/{promise}/", AMINA, WIDE),
    Shown("admin-hold", "/admin/holds/{hold}/", AMINA, WIDE),
    Shown("admin-webhook-edit", "/admin/connections/webhooks/{webhook}/", AMINA, WIDE),
    Shown("admin-webhook-log", "/admin/connections/webhooks/{webhook}/log/", AMINA),
    Shown("admin-resident-erase", "/admin/residents/{resident}/erase/", AMINA, WIDE),
    Shown("admin-call-numbers", "/admin/calls/numbers/", AMINA, WIDE),
    Shown("admin-call-video", "/admin/calls/video/", AMINA, WIDE),
    Shown("admin-call-settings", "/admin/calls/menus/town-line/settings/", AMINA, NO_PICTURE),
    Shown("admin-invite", "/admin/staff/invite/", AMINA, NO_PICTURE),
    *(
        Shown(f"admin-new-{name}", f"/admin/{path}/new/", AMINA, NO_PICTURE)
        for name, path in {
            "service": "services", "question": "services/pothole/questions", "queue": "queues", "hours": "hours",
            "skill": "skills", "promise": "promises", "hold": "holds", "menu": "calls",
            "step": "calls/menus/town-line/steps",
        }.items()
    ),
    *(
        Shown(f"admin-new-{name}", f"/admin/{path}/new/", EDGAR, NO_PICTURE)
        for name, path in {"text": "texts", "message": "messages", "prompt": "calls/prompts"}.items()
    ),
    Shown("audit-holds", "/admin/holds/?ended=1", VERA, NO_PICTURE),
]  # fmt: skip
FURTHER = [*OF_RESIDENTS, *OF_STAFF, *OF_ADMINISTRATION]
