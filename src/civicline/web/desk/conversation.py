"""What the middle and right columns show of one contact."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext, gettext_lazy, ngettext, pgettext

from civicline.cases import selectors as cases
from civicline.cases import wording as case_wording
from civicline.channels.conversations import time_waited
from civicline.channels.voice.video.selectors import PICTURE
from civicline.engine.workflow import WORKFLOWS
from civicline.intake import selectors as intake
from civicline.intake import services as intake_services
from civicline.kernel import clock
from civicline.kernel.texts import in_a_row
from civicline.people import selectors as people
from civicline.people.permissions import may
from civicline.people.wording import LENT
from civicline.routing import selectors as routing
from civicline.routing.channels import is_live
from civicline.web.desk import call_form, call_panel, company, hand, thread, wording
from civicline.web.desk.access import user_of

if TYPE_CHECKING:
    from civicline.cases.models import Case
    from civicline.intake.models import Contact
    from civicline.people.models import User

ENDED = frozenset({"closed", "abandoned"})
SPOKEN = frozenset({"voice", "voicemail"})
"""Channels that carry no written words: beside them only notes are written."""
UNWRITTEN = gettext_lazy("Nothing can be written to them by telephone. Call back, or write a note.")


def middle(request: HttpRequest, contact: Contact, *, text: str = "", problem: str = "") -> dict[str, Any]:
    """The conversation: head, thread, composer, wrap-up. `text` is what was typed and could not be sent."""
    user = user_of(request)
    messages = intake.list_messages(contact.pk, notes=True)
    mine = contact.agent_id == user.pk and contact.state in ("connected", "wrap_up", "parked")
    if mine:
        _mark_read(contact, messages)
    channel = wording.channel_label(contact.channel)
    ways: list[tuple[str, ...]] = [("note", gettext("Note"), "lock")]
    if mine and contact.state not in ENDED and takes_words(contact):
        icons = {"chat": "chat", "webform": "email", "open311": "lamp"}
        beside = gettext("Beside the picture") if contact.channel in SPOKEN else channel
        ways.insert(0, ("message", beside, icons.get(contact.channel, "send"), _recipient(contact)))
    return {
        "contact": contact,
        "name": hand.name_of(contact),
        "mine": mine,
        "live": is_live(contact.channel),
        "ended": contact.state in ENDED,
        "channel": channel,
        "tags": _tags(contact),
        "entries": thread.entries(contact, user, messages),
        "after": contact.message_count,
        "ways": ways,
        "via": ways[0][0],
        "text": text,
        "problem": problem,
        "outcomes": [
            (code, words, str(at)) for at, (code, words) in enumerate(wording.OUTCOMES.items(), start=1)
        ],
        "causes": list(wording.CAUSES.items()),
        "may_note": may(user, "contact.note", contact),
        "standing": _standing(contact, mine),
        "call": call_panel.panel(request, contact),
        "company": company.company_of(contact, user.pk),
    }


def takes_words(contact: Contact) -> bool:
    """Whether what is written reaches the resident: not by a telephone, unless there is a picture to write beside."""
    return contact.channel not in SPOKEN or bool(contact.data.get(PICTURE))


def _mark_read(contact: Contact, messages: list[Any]) -> None:
    unread = [one.number for one in messages if one.direction == "in" and one.read_at is None]
    if unread:
        intake_services.mark_read(contact_id=contact.pk, up_to=max(unread), reader="staff")


def _recipient(contact: Contact) -> str:
    if is_live(contact.channel) or contact.resident is None or not contact.resident.email:
        return ""
    return gettext("to %(address)s") % {"address": contact.resident.email}


def _standing(contact: Contact, mine: bool) -> str:
    """One sentence for a contact that is not in the reader's hands, or is over."""
    if contact.state in ENDED:
        return gettext("This contact is closed. Notes can still be added.")
    if mine:
        return str(UNWRITTEN) if contact.channel == "voicemail" else ""
    if contact.state in ("queued", "offered", "received"):
        return gettext("This contact waits in its queue. You can add a note.")
    if contact.agent is None:
        return gettext("Nobody has this contact now: it rests, and comes back to the line by itself.")
    name = contact.agent.user.name
    return gettext("%(name)s has this contact. You can add a note; they see it at once.") % {"name": name}


def _tags(contact: Contact) -> list[tuple[str, str, str]]:
    """What to know before the first word: text, role, icon."""
    found = []
    if contact.emergency:
        found.append((gettext("Emergency"), "critical", ""))
    if contact.state == "wrap_up":
        found.append((gettext("Wrap-up"), "hold", ""))
    if contact.state == "parked":
        found.append((gettext("Set aside"), "hold", ""))
    count = 0
    if contact.resident_id and contact.service_id:
        others = intake.contacts_of_resident(contact.resident_id)
        count = sum(
            1
            for one in others
            if one.service_id == contact.service_id and one.arrived_at <= contact.arrived_at
        )
    if count > 1:
        words = ngettext("%(count)s contact about this", "%(count)s contacts about this", count) % {
            "count": count
        }
        found.append((words, "attention", ""))
    return found


def waited(contact: Contact) -> str:
    """How long they waited, and what they were told: "Waited 7 min, told 5 to 11"."""
    end = contact.connected_at or clock.now()
    minutes = max(0, round((end - (contact.queued_at or contact.arrived_at)).total_seconds() / 60))
    if contact.told_low_s is None or contact.told_high_s is None:
        return gettext("Waited %(time)s") % {"time": time_waited(minutes)}
    low, high = round(contact.told_low_s / 60), round(contact.told_high_s / 60)
    told = {"time": time_waited(minutes), "low": low, "high": high}
    return gettext("Waited %(time)s, told %(low)s to %(high)s min") % told


def people_to_ask(user: User, contact: Contact) -> dict[str, Any]:
    """To whom a contact can be passed: queues, and colleagues who are signed in, those of its queue first.

    Who is lent by a partner body is marked before they are chosen: the contact leaves the house with them.
    """
    words = {code: str(text) for code, text in wording.PRESENCES.items()}
    lent = routing.lent_by_agent(contact.queue_id)
    colleagues = [row for row in people.who_is_there() if row[0] != user.pk]
    colleagues.sort(key=lambda row: row[0] not in lent)
    lines = [
        {
            "id": key,
            "name": f"{name} ({LENT})" if lent.get(key) else name,
            "state": words.get(state, ""),
            "free": state == "available",
        }
        for key, name, state in colleagues
    ]
    here = [line for line, (_, _, state) in zip(lines, colleagues, strict=True) if state != "signed_out"]
    return {
        "queues": [
            {"code": code, "name": wording.text_in(name, code)} for code, name in routing.queue_choices()
        ],
        "free": [line for line in lines if line["free"]],
        "colleagues": here or lines,
    }


def right(request: HttpRequest, contact: Contact) -> dict[str, Any]:
    """What we know: the resident, needs first; the cases with their next steps; what was before."""
    user = user_of(request)
    resident = contact.resident
    known = cases.cases_of_contact(contact.pk)
    others = (
        [
            one
            for one in cases.cases_of_resident(resident.pk, limit=8)
            if one.pk not in {row.pk for row in known}
        ]
        if resident is not None
        else []
    )
    history = [
        one
        for one in (intake.contacts_of_resident(resident.pk) if resident is not None else [])
        if one.pk != contact.pk
    ]
    hold = people.hold_over({"contact": contact.pk, "resident": contact.resident_id})
    return {
        "contact": contact,
        "hold": hold,
        "may_see_hold": hold is not None and may(user, "hold.read"),
        "resident": resident,
        "needs": [wording.need(code) for code in (resident.needs if resident is not None else ())],
        "speaks": wording.language_name(
            (contact.languages or [resident.language if resident else ""])[0] or ""
        )
        if contact.languages or (resident and resident.language)
        else "",
        "service": wording.text_in(contact.service.name) if contact.service else "",
        "queue": wording.text_in(contact.queue.name, contact.queue.code) if contact.queue else "",
        "waited": waited(contact),
        "cases": [case_card(row, user) for row in known],
        "other_cases": others,
        "history": [history_line(one) for one in history[:6]],
        "history_count": len(history),
        "case_types": [(code, str(case_wording.TYPES[code])) for code in WORKFLOWS],
        "case_type": contact.service.case_type
        if contact.service and contact.service.case_type
        else "information_request",
        "case_title": hand.about_of(contact),
        "answers": answers_of(contact),
        "calling": call_form.form_for(
            request,
            resident,
            reverse("desk:call_contact", args=[contact.pk]),
            contact.pk,
            number=str(contact.data.get("number", "")),
        ),
    }


def answers_of(contact: Contact) -> list[tuple[str, str]]:
    """What a form asked and was answered, as question and answer."""
    answers = contact.data.get("answers")
    if not isinstance(answers, dict) or contact.service is None:
        return []
    service = intake.get_service(contact.service.code)
    labels = (
        {row.code: wording.text_in(row.label, row.code) for row in service.attributes.all()}
        if service
        else {}
    )
    return [
        (labels.get(code) or code, in_a_row(value) if isinstance(value, list) else str(value))
        for code, value in answers.items()
        if value not in ("", None, [])
    ]


def history_line(contact: Contact) -> dict[str, Any]:
    """One earlier contact: when, about what, what became of it."""
    about = hand.about_of(contact) or contact.reference
    if contact.state not in ENDED:
        tag = (pgettext("state", "Open"), "info")
    elif contact.disposition == "solved":
        tag = (gettext("Solved"), "ok")
    elif contact.state == "abandoned":
        tag = (gettext("Left"), "attention")
    else:
        tag = (str(wording.OUTCOMES.get(contact.disposition, pgettext("contact", "Closed"))), "idle")
    return {
        "href": reverse("desk:contact", args=[contact.pk]),
        "channel": contact.channel,
        "about": about,
        "at": contact.arrived_at,
        "tag": tag,
    }


def case_card(
    case: Case,
    user: User,
    *,
    progress: cases.Progress | None = None,
    clocks: list[cases.ClockLine] | None = None,
) -> dict[str, Any]:
    """A case in the right column: where it stands, by when, and the steps that this person may take.

    `progress` and `clocks` are those of the case, for who has read them already.
    """
    steps = list((progress or cases.public_progress(case)).steps)
    at = next((number for number, step in enumerate(steps) if step.state == "current"), len(steps))
    running = [
        line
        for line in (cases.clocks_of(case.pk) if clocks is None else clocks)
        if line.due_at is not None and line.state not in ("met", "stopped", "paused")
    ]
    return {
        "row": case,
        "title": case.title,
        "reference": case.reference,
        "href": reverse("desk:case", args=[case.reference]),
        "state": case_wording.state_label(case.state),
        "type": case_wording.type_label(case.type),
        "done": at,
        "total": max(1, len(steps)),
        "label": gettext("Step %(now)s of %(total)s: %(state)s")
        % {
            "now": min(at + 1, len(steps)),
            "total": len(steps),
            "state": case_wording.state_label(case.state),
        },
        "due": due_tag(running),
        "steps": cases.open_steps(case, user),
        "owner": case.owner.user.name if case.owner else "",
        "own": case.owner_id == user.pk,
        "version": case.version,
    }


def due_tag(clocks: list[Any]) -> dict[str, Any] | None:
    """The promise that runs out first: when, and how near it is."""
    running = sorted((line for line in clocks if line.due_at is not None), key=lambda line: line.due_at)
    if not running:
        return None
    first = running[0]
    if first.state == "breached" or first.remaining_s < 0:
        role = "critical"
    else:
        role = "attention" if first.remaining_s < first.target_s * 0.25 else "info"
    return {"at": first.due_at, "role": role, "label": first.label}
