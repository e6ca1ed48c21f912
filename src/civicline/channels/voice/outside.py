"""Numbers outside the house: which of them may be called, and under which number of ours.

may_call("020 7946 0123")         # "+442079460123"; raises Refused with a sentence where it may not be
own_number("+442079460999", "")   # what we show: the rule's, the setting's, or the number that was called
"""

from __future__ import annotations

from typing import Final

import phonenumbers
from django.conf import settings
from django.utils.translation import gettext_lazy as _
from phonenumbers import PhoneNumberType

from civicline.kernel.errors import Invalid, Refused, Text
from civicline.people import personal

DEAR: Final = frozenset({
    PhoneNumberType.PREMIUM_RATE, PhoneNumberType.SHARED_COST, PhoneNumberType.PERSONAL_NUMBER,
    PhoneNumberType.PAGER,
})  # fmt: skip
MOST_DIGITS: Final = 15


class NotCalled(Refused):
    """This number is not called from here. `code` says why: number-wrong, -abroad, -dear, -never, no-trunk."""

    default_code = "number-not-called"


WHY: Final[dict[str, Text]] = {
    "number-wrong": _("This number cannot be called. Write it with its area code, or with + and the country code."),
    "number-abroad": _("Calls abroad are not open here. An administrator can open the country under voice.outside."),
    "number-dear": _("This is a number that costs extra. Such numbers are not called from here."),
    "number-never": _("This number is barred here (voice.never_outside)."),
    "no-trunk": _("There is no line to the telephone network, so nobody outside can be called."),
}  # fmt: skip


def may_call(number: str) -> str:
    """The number in E.164. Raises `NotCalled`: by default home only, and nothing that costs extra."""
    try:
        clean = personal.clean_phone(number)
    except Invalid as wrong:
        raise _no("number-wrong") from wrong
    if not clean or ";" in clean or len(clean) > MOST_DIGITS + 1:
        raise _no("number-wrong")
    conf = settings.CIVICLINE
    if clean.startswith(conf.voice_never_outside or ()):
        raise _no("number-never")
    if not clean.startswith(conf.voice_outside or ()):
        _at_home(clean)
    if not conf.voice_trunks:
        raise _no("no-trunk")
    return clean


def _at_home(clean: str) -> None:
    number = phonenumbers.parse(clean)
    home = phonenumbers.country_code_for_region(personal.region())
    if number.country_code != home:
        raise _no("number-abroad")
    if phonenumbers.number_type(number) in DEAR:
        raise _no("number-dear")


def _no(code: str) -> NotCalled:
    return NotCalled(WHY[code], code=code)


def clean(number: str) -> str:
    """A number as the network told it, in E.164; "" for none or one that cannot be dialled."""
    try:
        found = personal.clean_phone(number)
    except Invalid:
        return ""
    return "" if ";" in found else found


def own_number(called: str, by_rule: str) -> str:
    """What we show when we call, in E.164; "" leaves it to the provider. `called`: what this person had called."""
    for one in (by_rule, settings.CIVICLINE.voice_caller_id, called):
        if found := clean(one):
            return found
    return ""


def endpoint(number: str) -> str:
    """Where the exchange dials it: the first line to the network."""
    return f"PJSIP/{number}@trunk-{settings.CIVICLINE.voice_trunks[0].id}"
