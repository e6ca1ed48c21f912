"""The answers to a service's own questions: `attribute[code]=v`, and `attribute[code][]=v` for several."""

import math
import re
from collections.abc import Sequence
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from civicline.channels.open311.catalogue import Question
from civicline.channels.open311.fields import Fields
from civicline.channels.open311.moments import read_moment

Answers = dict[str, str | list[str]]

MAX_LENGTH = {"string": 1000, "text": 4000}
_NAME = re.compile(r"attribute\[([^\[\]]+)\](?:\[\d*\])?")


def read_answers(fields: Fields, questions: Sequence[Question], zone: ZoneInfo) -> Answers:
    """Return {code: value, or list of keys for a multivaluelist}; faults are noted in `fields`.

    Unknown codes, missing required answers, keys that are not in the list and values of the wrong datatype are
    faults. Values stay the text that was sent.
    """
    given = _given(fields)
    known = {question.code: question for question in questions}
    for code in given:
        if code not in known:
            fields.wrong(_("attribute[%(code)s] is not an attribute of this service.") % {"code": code[:80]})
    answers: Answers = {}
    for question in questions:
        values = given.get(question.code, [])
        if not values:
            if question.required and question.variable:
                fields.wrong(
                    _("attribute[%(code)s] is required: %(label)s")
                    % {"code": question.code, "label": question.label}
                )
        elif _fits(fields, question, values, zone):
            answers[question.code] = values if question.datatype == "multivaluelist" else values[0]
    return answers


def _given(fields: Fields) -> dict[str, list[str]]:
    given: dict[str, list[str]] = {}
    for name in fields:
        if not name.startswith("attribute"):
            continue
        match = _NAME.fullmatch(name)
        if match is None:
            fields.wrong(_("%(name)s cannot be read. Write attribute[code]=value.") % {"name": name[:80]})
            continue
        values = given.setdefault(match[1], [])
        values.extend(value for value in fields.all(name) if value not in values)
    return given


def _fits(fields: Fields, question: Question, values: list[str], zone: ZoneInfo) -> bool:
    before = len(fields.faults)
    named = {"code": question.code}
    if not question.variable:
        fields.wrong(_("attribute[%(code)s] only informs and takes no answer.") % named)
    elif len(values) > 1 and question.datatype != "multivaluelist":
        fields.wrong(_("attribute[%(code)s] takes one value only.") % named)
    elif question.datatype in ("singlevaluelist", "multivaluelist"):
        _check_choices(fields, question, values)
    else:
        _check_text(fields, question, values[0], zone)
    return len(fields.faults) == before


def _check_choices(fields: Fields, question: Question, values: list[str]) -> None:
    keys = {choice.key for choice in question.choices}
    for value in values:
        if value not in keys:
            fields.wrong(
                _("attribute[%(code)s] has no value “%(value)s”. Choose from: %(keys)s.")
                % {"code": question.code, "value": value[:80], "keys": ", ".join(sorted(keys)[:20])}
            )


def _check_text(fields: Fields, question: Question, value: str, zone: ZoneInfo) -> None:
    if question.datatype == "number":
        if not _is_number(value):
            fields.wrong(_("attribute[%(code)s] is not a number.") % {"code": question.code})
    elif question.datatype == "datetime":
        if read_moment(value, zone) is None:
            fields.wrong(
                _("attribute[%(code)s] is not a date and time such as 2026-05-01T09:30:00-05:00.")
                % {"code": question.code}
            )
    elif len(value) > MAX_LENGTH[question.datatype]:
        fields.wrong(
            _("attribute[%(code)s] is too long: at most %(limit)s characters.")
            % {"code": question.code, "limit": f"{MAX_LENGTH[question.datatype]:,}"}
        )


def _is_number(text: str) -> bool:
    try:
        return len(text) <= 40 and "_" not in text and math.isfinite(float(text))
    except ValueError:
        return False
