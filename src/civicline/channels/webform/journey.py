"""A form as a journey: which questions a service asks, one to a page, in which order, and what comes next.

Made from the service's attributes (the same that Open311 publishes), so that an administrator writes them once.
Nothing here reads or writes a row: rows come in, plain values go out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from civicline.kernel.texts import localized

if TYPE_CHECKING:
    from civicline.intake.models import Service, ServiceAttribute

DETAILS: Final = "details"
PLACE: Final = "place"
CONTACT: Final = "contact"
CHECK: Final = "check"
SECONDS_A_QUESTION: Final = 30  # measured on nobody: a fair guess for reading and a short answer


class Kind(StrEnum):
    """How a question is answered: the datatypes of Open311, and three of our own."""

    STRING = "string"
    NUMBER = "number"
    DATETIME = "datetime"
    TEXT = "text"
    ONE_OF = "singlevaluelist"
    SOME_OF = "multivaluelist"
    PLACE = "place"
    CONTACT = "contact"


@dataclass(frozen=True, slots=True)
class Question:
    """One page of the form. `step` is its name in the address, `name` that of its field."""

    step: str
    kind: Kind
    label: str
    hint: str = ""
    required: bool = False
    options: tuple[tuple[str, str], ...] = ()

    @property
    def name(self) -> str:
        """The field's name: a letter first, and never one of ours."""
        return f"a-{self.step}"


DETAILS_LABELS: dict[str, tuple[Promise, Promise, bool]] = {
    "incident": (_("What should we know about it?"), _("What is wrong, and since when."), False),
    "complaint": (
        _("What went wrong?"),
        _("What happened, when, and what it meant for you. In your own words."),
        True,
    ),
    "application": (
        _("Is there anything else we should know?"),
        _("Leave it empty if there is nothing."),
        False,
    ),
    "information_request": (
        _("What do you want to know?"),
        _("Name the papers or figures, and the time they are from, if you can."),
        True,
    ),
    "": (_("What do you want to ask or tell us?"), _("In your own words, in any language."), True),
}


def questions(service: Service, language: str) -> tuple[Question, ...]:
    """The questions of a service, in order; texts in `language`."""
    asked = [_asked(row, language) for row in service.attributes.all() if row.variable]
    label, hint, required = DETAILS_LABELS.get(service.case_type, DETAILS_LABELS[""])
    details = Question(DETAILS, Kind.TEXT, str(label), str(hint), required)
    place = Question(
        PLACE,
        Kind.PLACE,
        gettext("Where is it?"),
        gettext("A street and a number, or what is near it. You can leave this empty."),
    )
    contact = Question(
        CONTACT,
        Kind.CONTACT,
        gettext("How can we reach you?"),
        gettext(
            "You need not say who you are. If you do, we can ask you back, and people know you next time."
        ),
    )
    placed = [place] if service.case_type == "incident" else []
    return (*asked, details, *placed, contact)


def _asked(row: ServiceAttribute, language: str) -> Question:
    return Question(
        step=f"q-{row.code}",
        kind=Kind(row.datatype),
        label=localized(row.label, language) or row.code,
        hint=localized(row.hint, language),
        required=row.required,
        options=tuple(
            (str(value["key"]), localized(value.get("name", {}), language) or str(value["key"]))
            for value in row.values
        ),
    )


def notices(service: Service, language: str) -> list[str]:
    """What the form tells before it asks: attributes that take no answer."""
    return [localized(row.label, language) for row in service.attributes.all() if not row.variable]


def question_at(asked: Sequence[Question], step: str) -> Question | None:
    """The question of this step, or None when the form has no such page (any more)."""
    return next((one for one in asked if one.step == step), None)


def step_after(asked: Sequence[Question], step: str) -> str:
    """The next page: another question, or the check of all answers."""
    steps = [one.step for one in asked]
    following = steps.index(step) + 1 if step in steps else 0
    return steps[following] if following < len(steps) else CHECK


def step_before(asked: Sequence[Question], step: str) -> str:
    """The page before this one, "" for the first."""
    steps = [*(one.step for one in asked), CHECK]
    place = steps.index(step) if step in steps else 0
    return steps[place - 1] if place else ""


def first_open(asked: Sequence[Question], answers: Mapping[str, Any]) -> str:
    """Where somebody who comes back goes on: the first page not seen, else the check of all answers."""
    return next((one.step for one in asked if one.step not in answers), CHECK)


def first_missing(asked: Sequence[Question], answers: Mapping[str, Any]) -> Question | None:
    """The first question that has to be answered and is not."""
    return next((one for one in asked if one.required and not answers.get(one.step)), None)


def minutes_needed(asked: Sequence[Question]) -> int:
    """About how long the form takes, in whole minutes, rounded up."""
    return max(1, -(-len(asked) * SECONDS_A_QUESTION // 60))


def how_long(asked: Sequence[Question]) -> str:
    """The same in words."""
    count = minutes_needed(asked)
    return ngettext("about %(count)s minute", "about %(count)s minutes", count) % {"count": count}
