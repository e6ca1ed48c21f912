"""Every page that somebody can open is looked at: by axe in `tests/e2e/test_every_page.py`, and most in a picture."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

from django.urls import URLPattern, URLResolver, get_resolver, resolve

from tests.pages import PAGES

NOT_LOOKED_AT = {
    "a part of a page, drawn with the page it belongs to": (
        "portal:waits chat:news desk:offers desk:hand desk:pulse desk:bell desk:palette desk:colleagues "
        "desk:now desk:side desk:texts desk:case_now desk:telephone_now supervisor:now "
        "supervisor:calls_now board:now planner:forecast_state planner:week_state planner:what_if_state "
        "recordings:of_contact"
    ),
    "a file, a sound or data for a program": (
        "health-live health-ready metrics chat:widget chat:offer chat:file chat:transcript_text chat:transcript_page "
        "desk:file supervisor:report_csv supervisor:contacts_csv mine:feed_file planner:hiring_file "
        "recordings:message_sound recordings:sound admin:audit_csv admin:call_prompt_sound "
        "admin:try_call_sound portal:case_file mfa_download_recovery_codes"
    ),
    "leads on to another page": "front_door staff_home portal:form portal:resume board:enter",
    "the answer of a form that stands on another page": "chat:say admin:end_hold",
    "needs a key, a provider or a code that a browser of the tests has not": (
        "mfa_reauthenticate mfa_reauthenticate_webauthn mfa_view_recovery_codes "
        "mfa_generate_recovery_codes mfa_deactivate_totp mfa_remove_webauthn mfa_edit_webauthn mfa_login_webauthn "
        "openid_connect_login openid_connect_callback socialaccount_login_cancelled socialaccount_login_error"
    ),
    "nobody is led there: accounts are made by an administrator, and have one address": (
        "account_inactive account_signup account_email account_email_verification_sent account_confirm_email "
        "account_set_password account_confirm_login_code socialaccount_signup socialaccount_connections"
    ),
}
"""Named addresses that answer a GET and are in no list of pages, by why."""
PROGRAMS = ("api:", "open311:")
NUMBERS = ("promise", "message", "duty_rule")
AN_ID = UUID(int=1)


def _views(patterns: list[Any], room: str = "") -> Iterator[tuple[str, Callable[..., Any]]]:
    for one in patterns:
        if isinstance(one, URLResolver):
            yield from _views(one.url_patterns, f"{room}{one.namespace}:" if one.namespace else room)
        elif isinstance(one, URLPattern) and one.name:
            yield room + one.name, one.callback


def _is_a_deed(view: Callable[..., Any]) -> bool:
    """Whether it takes a POST only, and so shows nothing of its own."""
    return "@require_POST" in inspect.getsource(inspect.unwrap(view))


def _view_of(path: str) -> str:
    """The name of the view that an address of the list opens."""
    parts = dict.fromkeys(re.findall(r"{(\w+)}", path), str(AN_ID)) | dict.fromkeys(NUMBERS, "1")
    return resolve(path.format(**parts | {"lang": "en", "case": "SM-4K7-291"}).partition("?")[0]).view_name


def test_every_page_is_looked_at_or_says_why_not() -> None:
    looked_at = {_view_of(one.path) for one in PAGES if one.status == 200} | {one.view for one in PAGES}
    excused = {name for names in NOT_LOOKED_AT.values() for name in names.split()}
    shown = {
        name
        for name, view in _views(get_resolver().url_patterns)
        if not name.startswith(PROGRAMS) and not _is_a_deed(view)
    }
    assert sorted(shown - looked_at - excused) == [], "put it into tests/pages.py"
    assert sorted(excused & looked_at) == [], "it is looked at: no reason is needed"
    assert sorted(excused - shown) == [], "there is no such page"


def test_each_picture_has_a_name_of_its_own() -> None:
    names = [one.name for one in PAGES]
    assert sorted(names) == sorted(set(names))
