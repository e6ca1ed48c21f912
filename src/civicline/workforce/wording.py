"""Planning in words: kinds, states, days and findings, in the reader's language."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from civicline.workforce.rules import WORDS, Finding

LEAVE_KINDS: dict[str, Promise] = {
    "holiday": _("Holiday"),
    "sick": _("Sick"),
    "training": _("Training"),
    "other": pgettext_lazy("leave", "Other"),
}
SHIFT_KINDS: dict[str, Promise] = {
    "work": pgettext_lazy("shift", "Work"),
    "overtime": _("Overtime"),
    "training": _("Training"),
}
DECISIONS: dict[str, Promise] = {
    "asked": _("asked"),
    "approved": _("approved"),
    "refused": _("refused"),
    "withdrawn": _("withdrawn"),
}
ROLES = {"asked": "info", "approved": "ok", "refused": "attention", "withdrawn": "idle"}
TRADE_KINDS: dict[str, Promise] = {
    "give": _("Give a shift away"),
    "swap": _("Swap shifts"),
    "bid": _("Take an open shift"),
}
OFFER_KINDS: dict[str, Promise] = {"overtime": _("More hours"), "time_off": _("Time off")}
WISH_KINDS: dict[str, Promise] = {
    "cannot": _("cannot work"),
    "rather_not": _("would rather not"),
    "likes": _("likes to work"),
}


def day_words(day: date) -> str:
    """A day with its weekday, short."""
    return date_format(day, "D j M")


def finding_words(stored: Iterable[Any]) -> list[str]:
    """Sentences of findings as rows keep them: [code, values], or a plain sentence of the roster's own."""
    return [
        Finding(one[0], one[1]).words() if isinstance(one, list) and one[0] in WORDS else str(one)
        for one in stored
    ]
