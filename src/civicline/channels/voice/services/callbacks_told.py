"""Whoever is owed a call is told by text that it is booked, and that we gave it up; else the log says why not.

A text goes over the line to the network (`TextAdapter`), to mobile numbers only, where the setting
`voice.text_callbacks` says that the line takes texts.
"""

from __future__ import annotations

from typing import Final

import phonenumbers
from django.conf import settings
from django.utils.translation import gettext, override
from phonenumbers import PhoneNumberType

from civicline.channels.voice import events
from civicline.channels.voice.models import Callback
from civicline.intake import services as intake
from civicline.kernel.errors import Refused
from civicline.kernel.events import emit

MOBILE: Final = frozenset({PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE})


def tell_resident(callback: Callback, what: str) -> None:
    """`what`: booked or given_up. Harmless when it cannot be told; inside a write."""
    why = _why_not(callback)
    if not why and callback.contact_id is not None:
        try:
            intake.add_message(
                contact_id=callback.contact_id, direction="out", body=_words(callback, what), channel="sms",
                language=callback.language, client_key=f"callback-{callback.id}-{what}",
            )  # fmt: skip
        except Refused as refused:
            why = refused.code
    data = {"what": what, "by": "" if why else "sms", **({"why": why} if why else {})}
    emit(events.CALLBACK_TOLD, subject=("callback", callback.id), contact_id=callback.contact_id, data=data)


def _why_not(callback: Callback) -> str:
    if callback.contact_id is None:
        return "no_contact"
    if not settings.CIVICLINE.voice_text_callbacks:
        return "texts_off"
    try:
        number = phonenumbers.parse(callback.number)
    except phonenumbers.NumberParseException:
        return "no_mobile"
    return "" if phonenumbers.number_type(number) in MOBILE else "no_mobile"


def _words(callback: Callback, what: str) -> str:
    with override(callback.language or settings.LANGUAGE_CODE):
        town = settings.CIVICLINE.town_name
        if what == "booked":
            return gettext(
                "%(town)s: we call you back when it is your turn. Your place in the line is kept."
            ) % {"town": town}
        return gettext("%(town)s: we tried to call you back and did not reach you. Please call us again.") % {
            "town": town
        }
