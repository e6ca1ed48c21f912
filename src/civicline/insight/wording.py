"""The live board in words: alarms with their remedy, what people hold, why a wait is not told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.utils.translation import get_language, gettext, ngettext
from django.utils.translation import gettext_lazy as _

from civicline.insight.board import Board, Person, QueueRow
from civicline.intake.wording import CHANNELS, channel_label
from civicline.intake.wording import STATES as CONTACT_STATES
from civicline.kernel.texts import in_a_row, localized
from civicline.people.selectors import skill_names
from civicline.people.wording import GLYPHS, REASONS, STATES

if TYPE_CHECKING:
    from civicline.intake.models import Service
    from civicline.routing.models import Alarm, Queue

__all__ = [
    "CHANNELS",
    "CONTACT_STATES",
    "GLYPHS",
    "REASONS",
    "STATES",
    "UNTOLD",
    "AlarmCard",
    "alarm_cards",
    "channel_label",
    "clock_words",
    "groups",
    "holds",
    "likely_cause",
    "name_of",
    "reasons",
]
UNTOLD = {
    "closed": _("closed"),
    "nobody_staffed": _("nobody signed in"),
    "nobody_answers": _("desks do not answer"),
    "staff_leaves": _("staff leave soon"),
    "too_little_data": _("not known yet"),
}
GROUPS = (
    ("needs", _("Needs you"), frozenset({"not_responding"})),
    ("with", _("With a resident"), frozenset({"with_resident"})),
    ("free", _("Free"), frozenset({"available"})),
    ("rest", _("Wrap-up, break, training"), frozenset({"wrap_up", "break", "training", "away"})),
)


def name_of(named: Queue | Service | None) -> str:
    """The name of a queue or a service in the reader's language."""
    return (localized(named.name, get_language() or "en") or named.code) if named else gettext("No queue")


@dataclass(frozen=True, slots=True)
class AlarmCard:
    """An alarm as it is shown: what is wrong, since when, the likely cause, what helps."""

    id: int
    role: str
    title: str
    text: str
    state: str
    by: str
    since: datetime
    remedy: str
    queue_code: str
    agent_id: str


def clock_words(seconds: float) -> str:
    """Minutes and seconds, "14:20"; hours in front from an hour on."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def alarm_cards(board: Board) -> list[AlarmCard]:
    """The alarms of a board in words: loud ones first, those taken or put off below, each group oldest first."""
    cards = [_card(alarm, board) for alarm in board.alarms]
    return sorted(cards, key=lambda card: (card.state != "new", card.since))


def _card(alarm: Alarm, board: Board) -> AlarmCard:
    row = next((row for row in board.rows if row.queue.pk == alarm.queue_id), None)
    person = next((one for one in board.people if one.agent_id == alarm.agent_id), None)
    title, text, remedy = _told(alarm, row, person)
    state, by = "new", ""
    if alarm.snoozed_until and alarm.snoozed_until > board.at:
        state = "snoozed"
    elif alarm.taken_by is not None:
        state, by = "taken", alarm.taken_by.name
    return AlarmCard(
        id=alarm.pk,
        role="critical" if alarm.kind in ("longest_wait", "nobody_serves") else "attention",
        title=title,
        text=text,
        state=state,
        by=by,
        since=alarm.since,
        remedy=remedy,
        queue_code=alarm.queue.code if alarm.queue else "",
        agent_id=str(alarm.agent_id or ""),
    )


def _told(alarm: Alarm, row: QueueRow | None, person: Person | None) -> tuple[str, str, str]:
    if alarm.agent_id is not None:
        name = alarm.agent.user.name if alarm.agent else ""
        why = str(REASONS.get(person.reason, "")) if person else ""
        text = gettext("Contacts go to colleagues meanwhile. Ask, or sign them out.")
        sentence = f"{why[0].upper()}{why[1:]}. {text}" if why else text
        return gettext("Not responding: %(name)s") % {"name": name}, sentence, "person"
    queue = name_of(alarm.queue)
    if row is None:
        return queue, "", "queue"
    cause = likely_cause(row)
    if alarm.kind == "longest_wait":
        minutes = row.queue.alarm_longest_seconds // 60
        title = gettext("%(queue)s: longest wait %(time)s") % {
            "queue": queue,
            "time": clock_words(row.longest_s or 0),
        }
        return (
            title,
            gettext("Over %(minutes)s min. %(cause)s") % {"minutes": minutes, "cause": cause},
            "queue",
        )
    if alarm.kind == "too_many_waiting":
        title = gettext("%(queue)s: %(count)s people waiting") % {"queue": queue, "count": row.waiting}
        most = row.queue.alarm_waiting
        return title, gettext("More than %(count)s. %(cause)s") % {"count": most, "cause": cause}, "queue"
    title = gettext("%(queue)s: nobody serves it") % {"queue": queue}
    waiting = ngettext("%(count)s person waits.", "%(count)s people wait.", row.waiting) % {
        "count": row.waiting
    }
    return title, gettext("%(waiting)s %(cause)s") % {"waiting": waiting, "cause": cause}, "queue"


def likely_cause(row: QueueRow) -> str:
    """One sentence on why a queue is behind, from what can be counted."""
    if not row.staffed:
        return gettext("Nobody who serves it is signed in and at work.")
    if not row.free:
        return ngettext(
            "The %(count)s person who serves it is busy.",
            "All %(count)s people who serve it are busy.",
            row.staffed,
        ) % {"count": row.staffed}
    return ngettext(
        "%(count)s person is free: it is being offered, or asks for a skill or language they lack.",
        "%(count)s people are free: it is being offered, or asks for a skill or language they lack.",
        row.free,
    ) % {"count": row.free}


def holds(person: Person, rows: tuple[QueueRow, ...]) -> str:
    """What a person does, in a few words: reason, what is in hand, or the queues they serve."""
    counted = [
        (person.held.get("voice", 0), ngettext("%(n)s call", "%(n)s calls", person.held.get("voice", 0))),
        (person.held.get("chat", 0), ngettext("%(n)s chat", "%(n)s chats", person.held.get("chat", 0))),
        (
            person.held.get("written", 0),
            ngettext("%(n)s written", "%(n)s written", person.held.get("written", 0)),
        ),
    ]
    parts = [words % {"n": number} for number, words in counted if number]
    if person.reason:
        parts.insert(0, str(REASONS.get(person.reason, person.reason)))
    if not parts:
        parts = [name_of(row.queue) for row in rows if row.queue.pk in person.queue_ids][:3]
    text = in_a_row(parts)
    return text[:1].upper() + text[1:]


def groups(board: Board) -> list[dict[str, Any]]:
    """People by state, by name within: what they do, since when, and who may need help."""
    found = []
    for code, title, states in GROUPS:
        members = [one for one in board.people if one.state in states]
        rows = [
            {
                "id": str(one.agent_id),
                "name": one.name,
                "glyph": GLYPHS[one.state],
                "text": _row_words(one, board),
                "seconds": int(one.seconds),
                "since": one.since,
                "time": clock_words(one.seconds),
                "late": one.late,
            }
            for one in members
        ]
        if rows or code != "needs":
            found.append({"code": code, "title": title, "rows": rows})
    return found


def _row_words(person: Person, board: Board) -> str:
    words = holds(person, board.rows)
    if person.state in ("available", "with_resident"):
        return words
    state = str(STATES[person.state])
    return f"{state}: {words[:1].lower()}{words[1:]}" if person.reason or person.held else state


def _named(code: str, names: Mapping[str, Mapping[str, str]]) -> str:
    """A skill or a language as the reader calls it."""
    return localized(dict(names[code]), get_language() or "") if code in names else code


def reasons(contact: Any) -> list[str]:
    """Why a contact stands where it stands in its line, and whom it needs."""
    found = []
    if contact.emergency:
        found.append(gettext("An emergency goes first"))
    if contact.priority:
        found.append(gettext("Priority %(priority)s") % {"priority": f"{contact.priority:+d}"})
    names = skill_names() if contact.skills or contact.languages else {}
    if contact.skills:
        needed = in_a_row(
            gettext("%(skill)s level %(level)s") % {"skill": _named(skill, names), "level": level}
            for skill, level in contact.skills
        )
        found.append(gettext("Needs %(skills)s") % {"skills": needed})
    if contact.languages:
        spoken = in_a_row(_named(tag, names) for tag in contact.languages)
        found.append(gettext("Speaks %(languages)s") % {"languages": spoken})
    if contact.preferred_agent_id:
        found.append(gettext("Was with a colleague before"))
    return found
