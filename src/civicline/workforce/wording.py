"""Planning in words: kinds, states, days and findings, in the reader's language."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from civicline.workforce.refusals import known, plan_words
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
PLACES: dict[str, Promise] = {
    "office": _("In the office"),
    "home": _("At home"),
    "either": _("In the office or at home"),
}
"""Where a contract lets people work; the first two are places of a shift too."""
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
DUTY_TRADE_KINDS: dict[str, Promise] = {
    "give": _("Give a turn away"),
    "swap": _("Swap turns"),
    "bid": _("Take an open turn"),
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


def finding_words(stored: Iterable[Any], week: date | None = None) -> list[str]:
    """Sentences of findings as rows keep them: [code, values] of a rule or of the roster, or a plain sentence."""
    return [_words(one, week) for one in stored]


def _words(one: Any, week: date | None) -> str:
    if not isinstance(one, list):
        return str(one)
    code, values = one
    if code in WORDS:
        return Finding(code, values).words()
    return plan_words(code, values, week) if known(code) else str(code)
