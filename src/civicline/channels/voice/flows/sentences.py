"""A prompt's text with its places filled, as it is read aloud: whole sentences, never pieces put together."""

from __future__ import annotations

import re
from collections.abc import Mapping
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_time
from django.conf import settings

from civicline.channels.voice.flows.built_in import PLACE
from civicline.engine.callflow import Moment, Spelled, Value, Words
from civicline.kernel.texts import localized

LONGEST = 1200
"""Characters of one sentence: a minute and a half of speech."""
_DIGIT_GROUP = 3
_CONTROL = re.compile(r"[\x00-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2066-\u2069\[\]<>]+")

_STOPS = re.compile(r"([.!?؟])(?:\s*\.)+")
"""A value that brings its own full stop."""


def sentence(text: str, values: Mapping[str, Value], language: str) -> str:
    """The text with its places filled in `language`; a place that has no value stays silent."""
    filled = PLACE.sub(lambda place: _in_words(values.get(place[1], ""), language), text)
    plain = _STOPS.sub(r"\1", " ".join(_CONTROL.sub(" ", filled).split()))
    return plain[:LONGEST]


def is_personal(values: Mapping[str, Value]) -> bool:
    """Whether the sentence tells something of one caller, so that its sound is not to be kept."""
    return any(isinstance(value, Spelled) and len(value.text) > 1 for value in values.values())


def _in_words(value: Value, language: str) -> str:
    if isinstance(value, Spelled):
        return spelled(value.text)
    if isinstance(value, Moment):
        return _moment(value, language)
    if isinstance(value, Words):
        return localized(dict(value.texts), language)
    return str(value)


def spelled(text: str) -> str:
    """Sign by sign, a pause after each group: "S M, 4 K 7, 2 9 1". A number is grouped by threes."""
    clean = text.strip().lstrip("+")
    groups = [part for part in re.split(r"[\s-]+", clean) if part]
    if len(groups) == 1 and clean.isdigit():
        groups = [clean[at : at + _DIGIT_GROUP] for at in range(0, len(clean), _DIGIT_GROUP)]
    return ", ".join(" ".join(group) for group in groups)


def _moment(value: Moment, language: str) -> str:
    local = value.at.astimezone(ZoneInfo(settings.CIVICLINE.town_time_zone))
    locale = _locale(language)
    day = str(format_date(local.date(), "EEEE d MMMM", locale=locale))
    time = str(format_time(local.timetz(), "short", locale=locale))
    told = {"day": day, "time": time, "day_and_time": f"{day}, {time}"}[value.kind]
    return _western(told)


def _western(text: str) -> str:
    """Digits as every synthesiser reads them."""
    return "".join(str(int(sign)) if sign.isdecimal() else sign for sign in text)


def _locale(language: str) -> Locale:
    try:
        return Locale.parse(language.replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        return Locale("en")
