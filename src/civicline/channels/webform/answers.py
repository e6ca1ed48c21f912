"""Checking one answer: what was typed becomes a plain value, or a sentence that says what to do.

A checked value is what is kept in the draft: text, a number as text ("1234.5"), a date ("2026-03-10"), a key, a list
of keys, or a mapping for place and contact. "" (or nothing) means: seen, and left empty.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Protocol

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from civicline.channels.webform.journey import Kind, Question
from civicline.kernel.errors import Invalid
from civicline.kernel.texts import in_a_row
from civicline.people import personal

MOST_TEXT = 4_000
"""Characters of one long answer (Open311's own limit for a description)."""
MOST_LINE = 300
MOST_DIGITS = 15
MOST_CHOICES = 200
YEARS = (1900, 2100)
_DIRECTION = re.compile("[\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]")
_COORDINATE = re.compile(r"-?\d{1,3}(\.\d{1,12})?\Z")


class Posted(Protocol):
    """What a form sent: Django's QueryDict, as far as it is needed."""

    def get(self, key: str, default: str, /) -> Any:
        """The last value of this name."""
        ...

    def getlist(self, key: str, /) -> list[Any]:
        """All values of this name."""
        ...


@dataclass(frozen=True, slots=True)
class Checked:
    """The value to keep, what was typed (to show again), and {field id: sentence} for what has to change."""

    value: Any
    typed: Any
    problems: Mapping[str, str] = field(default_factory=dict)

    @property
    def good(self) -> bool:
        """Whether the value can be kept."""
        return not self.problems


def check(question: Question, posted: Posted) -> Checked:
    """Check what was posted for one question."""
    return _CHECKS[question.kind](question, posted)


def clean_words(text: str) -> str:
    """Text as it is kept: no NUL, control or direction signs, line ends as newlines. Words are never lost."""
    text = _DIRECTION.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    return "".join(
        sign
        for sign in text
        if sign == "\n" or sign == "\t" or unicodedata.category(sign) not in {"Cc", "Cs"}
    ).strip()


def clean_line(text: str) -> str:
    """The same on one line."""
    return re.sub(r"\s+", " ", clean_words(text))


def _missing(question: Question) -> str:
    return {
        Kind.ONE_OF: _("Choose one of the answers"),
        Kind.SOME_OF: _("Choose at least one of the answers"),
        Kind.DATETIME: _("Enter a date, like 27 3 2026"),
        Kind.NUMBER: _("Enter a number, like 1200"),
    }.get(question.kind, _("Write an answer"))


def _words(question: Question, posted: Posted) -> Checked:
    lines = question.kind is Kind.TEXT
    typed = str(posted.get(question.name, ""))
    value = clean_words(typed) if lines else clean_line(typed)
    most = MOST_TEXT if lines else MOST_LINE
    if len(value) > most:
        over = len(value) - most
        said = ngettext(
            "This is %(count)s character too long. Shorten it to %(most)s characters or fewer",
            "This is %(count)s characters too long. Shorten it to %(most)s characters or fewer",
            over,
        ) % {"count": over, "most": most}
        return Checked("", value[: 2 * MOST_TEXT], {question.name: said})
    if question.required and not value:
        return Checked("", value, {question.name: _missing(question)})
    return Checked(value, value)


def _number(question: Question, posted: Posted) -> Checked:
    typed = clean_line(str(posted.get(question.name, "")))[:100]
    if not typed:
        return Checked("", "", {question.name: _missing(question)} if question.required else {})
    value = plain_number(typed)
    if value is None:
        return Checked("", typed, {question.name: _missing(question)})
    return Checked(value, typed)


def plain_number(typed: str) -> str | None:
    """A number as people of any country write it, as digits with a point: "1.234,50 €" is 1234.50. None: not one.

    The last of two kinds of sign divides the decimals; one kind alone before exactly three digits, or used more
    than once, divides thousands.
    """
    folded = (
        "".join(str(unicodedata.decimal(sign, sign)) for sign in typed).replace("٫", ",").replace("٬", "'")
    )
    bare = "".join(sign for sign in folded if unicodedata.category(sign) != "Sc" and not sign.isspace())
    bare = bare.replace("'", "").replace("\u2019", "").replace("\u2212", "-")
    if not re.fullmatch(r"-?\d+([.,]\d+)*", bare):
        return None
    sign, bare = ("-", bare[1:]) if bare.startswith("-") else ("", bare)
    last = max(bare.rfind("."), bare.rfind(","))
    if last >= 0:
        mark, tail = bare[last], bare[last + 1 :]
        both = "." in bare and "," in bare
        thousands = bare.count(mark) > 1 or (not both and len(tail) == 3 and bare[0] != "0")
        whole = re.sub(r"[.,]", "", bare if thousands else bare[:last])
        bare = whole if thousands else f"{whole}.{tail}"
    if sum(sign.isdigit() for sign in bare) > MOST_DIGITS:
        return None
    return sign + bare


def _date(question: Question, posted: Posted) -> Checked:
    parts = {
        name: clean_line(str(posted.get(f"{question.name}-{name}", "")))[:10]
        for name in ("day", "month", "year")
    }
    if not any(parts.values()):
        return Checked("", parts, {question.name: _missing(question)} if question.required else {})
    numbers = {name: plain_number(text) for name, text in parts.items()}
    try:
        day = date(*(int(numbers[name] or "") for name in ("year", "month", "day")))
    except (ValueError, OverflowError):
        return Checked("", parts, {question.name: _("Enter a date that exists, with day, month and year")})
    if not YEARS[0] <= day.year <= YEARS[1]:
        said = _("The year must be between %(first)s and %(last)s") % {"first": YEARS[0], "last": YEARS[1]}
        return Checked("", parts, {question.name: said})
    return Checked(day.isoformat(), parts)


def _one_of(question: Question, posted: Posted) -> Checked:
    chosen = str(posted.get(question.name, ""))
    if chosen in dict(question.options):
        return Checked(chosen, chosen)
    wrong = question.required or bool(chosen)
    return Checked("", "", {question.name: _missing(question)} if wrong else {})


def _some_of(question: Question, posted: Posted) -> Checked:
    sent = set(map(str, posted.getlist(question.name)[:MOST_CHOICES]))
    chosen = [key for key, _label in question.options if key in sent]
    if len(chosen) != len(sent) or (question.required and not chosen):
        return Checked([], chosen, {question.name: _missing(question)})
    return Checked(chosen, chosen)


def _place(question: Question, posted: Posted) -> Checked:
    address = clean_line(str(posted.get("address", "")))
    latitude, longitude = (str(posted.get(name, "")).strip() for name in ("latitude", "longitude"))
    typed: dict[str, Any] = {"address": address[: 2 * MOST_LINE]}
    if len(address) > MOST_LINE:
        said = _("Shorten the place to %(most)s characters or fewer") % {"most": MOST_LINE}
        return Checked({}, typed, {"address": said})
    # Coordinates come from the device, not from a person: what is not a place on Earth is left out, not complained of.
    if _COORDINATE.match(latitude) and _COORDINATE.match(longitude) and posted.get("forget", "") != "on":
        north, east = float(latitude), float(longitude)
        if abs(north) <= 90 and abs(east) <= 180:
            typed |= {"latitude": round(north, 6), "longitude": round(east, 6)}
    return Checked(typed if len(typed) > 1 or address else {}, typed)


_CLEANERS = {"name": personal.clean_name, "email": personal.clean_email, "phone": personal.clean_phone}


def _contact(question: Question, posted: Posted) -> Checked:
    typed = {name: str(posted.get(name, ""))[:500].replace("\x00", "") for name in _CLEANERS}
    value, problems = {}, {}
    for name, clean in _CLEANERS.items():
        try:
            value[name] = clean(typed[name])
        except Invalid as fault:
            problems[name] = next(iter(fault.field_messages().values()))
    return Checked({name: text for name, text in value.items() if text}, typed, problems)


_CHECKS = {
    Kind.STRING: _words,
    Kind.TEXT: _words,
    Kind.NUMBER: _number,
    Kind.DATETIME: _date,
    Kind.ONE_OF: _one_of,
    Kind.SOME_OF: _some_of,
    Kind.PLACE: _place,
    Kind.CONTACT: _contact,
}


def typed_again(question: Question, value: Any) -> Any:
    """What the page shows in its fields for a value that was kept before."""
    if question.kind is Kind.DATETIME and value:
        year, month, day = str(value).split("-")
        return {"day": int(day), "month": int(month), "year": int(year)}
    if question.kind is Kind.SOME_OF:
        return value or []
    if question.kind in (Kind.PLACE, Kind.CONTACT):
        return value or {}
    return value or ""


def in_words(question: Question, value: Any) -> str:
    """A kept value as the resident reads it; "" when it was left empty."""
    if not value:
        return ""
    if question.kind is Kind.ONE_OF:
        return dict(question.options).get(value, str(value))
    if question.kind is Kind.SOME_OF:
        known = dict(question.options)
        return in_a_row(known.get(key, key) for key in value)
    if question.kind is Kind.PLACE:
        return _place_in_words(value)
    if question.kind is Kind.CONTACT:
        return "\n".join(value[name] for name in _CLEANERS if value.get(name))
    return str(value)


def _place_in_words(value: Mapping[str, Any]) -> str:
    parts: list[str] = [value["address"]] if value.get("address") else []
    if "latitude" in value:
        parts.append(f"{value['latitude']:.5f}, {value['longitude']:.5f}")
    return "\n".join(parts)


def as_text(asked: Sequence[Question], answers: Mapping[str, Any]) -> str:
    """All answers as one text, question above answer: the first message, as staff read it. Not who wrote it."""
    told = [
        f"{question.label}\n{words}"
        for question in asked
        if question.kind is not Kind.CONTACT and (words := in_words(question, answers.get(question.step)))
    ]
    return "\n\n".join(told)
