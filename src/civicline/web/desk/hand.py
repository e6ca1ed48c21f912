"""What an agent has in hand, as the list shows it: groups, order, and what each row says.

Live conversations stand by who has waited longest for us, written work by its due time, and apart from both what
waits for the resident. Ties are broken by arrival, so that two readings of the same rows give the same list.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from civicline.channels.voice.company import selectors as company
from civicline.intake import selectors as intake
from civicline.kernel import clock
from civicline.kernel.telephone import in_groups, is_number
from civicline.routing.channels import class_of, is_live
from civicline.web.desk import wording

if TYPE_CHECKING:
    from civicline.intake.models import Contact

WAITS_TOO_LONG = timedelta(minutes=3)
"""A resident in an open conversation who has waited so long for our word is told to the agent."""
DUE_SOON = timedelta(hours=2)
HEARD = {
    "listening": ("ear", _("A supervisor listens")),
    "whispering": ("whisper", _("A supervisor speaks to you")),
    "joined": ("users", _("A supervisor is in the call")),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One contact of the list. `state` is that of the row's picture; `since` runs as a clock, `due` is a moment."""

    id: UUID
    reference: str
    name: str
    said: str
    channel: str
    state: str
    tag: tuple[str, str, str, str] | None  # words, role, icon, presence glyph
    unread: int
    since: datetime | None
    due: datetime | None
    place: int


@dataclass(frozen=True, slots=True)
class Group:
    """Rows under one heading. `shut` groups are folded."""

    code: str
    title: str
    rows: tuple[Row, ...]
    shut: bool = False


@dataclass(frozen=True, slots=True)
class Hand:
    """Everything in an agent's hands."""

    groups: tuple[Group, ...]
    contacts: tuple[Contact, ...]

    @property
    def rows(self) -> list[Row]:
        """All rows in the order in which they stand."""
        return [row for group in self.groups for row in group.rows]

    @property
    def topics(self) -> str:
        """What the list has to hear of."""
        return " ".join(f"contact:{contact.pk}" for contact in self.contacts)

    def held(self) -> dict[str, int]:
        """Contacts in hand by class of channel."""
        counted: dict[str, int] = {}
        for contact in self.contacts:
            kind = class_of(contact.channel)
            counted[kind] = counted.get(kind, 0) + 1
        return counted


def name_of(contact: Contact) -> str:
    """What a contact is called in a list: the resident, else what it is about, else its reference."""
    known = _known(contact)
    if known:
        return known
    if contact.service is not None and not is_live(contact.channel):
        return wording.text_in(contact.service.name, contact.reference)
    return gettext("Resident %(reference)s") % {"reference": contact.reference}


def speaker_of(contact: Contact) -> str:
    """Whose words a contact's are: the resident as far as we know them."""
    return _known(contact) or gettext("Resident")


def _known(contact: Contact) -> str:
    resident = contact.resident
    known = (resident.name or resident.email or resident.phone) if resident else ""
    return in_groups(str(known)) if known else ""


def about_of(contact: Contact) -> str:
    """What a contact is about: its subject, else its service. A call that says nothing else has its number there."""
    if contact.subject and not is_number(contact.subject):
        return contact.subject
    return wording.text_in(contact.service.name) if contact.service is not None else ""


def waits_for_us(contact: Contact) -> bool:
    """Whether the last word is the resident's."""
    if contact.last_out_at is None:
        return True
    return contact.last_in_at is not None and contact.last_in_at > contact.last_out_at


def in_hand(agent_id: UUID | None) -> Hand:
    """The list of an agent, in four readings however long it is, in one when it is empty; a call adds one or two."""
    contacts, lines = intake.in_hand(agent_id) if agent_id is not None else ([], {})
    talks = [one.pk for one in contacts if one.channel == "voice" and one.state == "connected"]
    heard = company.openly_heard(talks) if talks else {}
    now = clock.now()
    today_ends = timezone.localtime(now).replace(hour=23, minute=59, second=59, microsecond=999_999)
    live = sorted((one for one in contacts if is_live(one.channel)), key=_live_order)
    written = [one for one in contacts if not is_live(one.channel)]
    ours = sorted((one for one in written if waits_for_us(one) or one.state == "wrap_up"), key=_due_order)
    theirs = sorted(
        (one for one in written if not waits_for_us(one) and one.state != "wrap_up"), key=_due_order
    )
    today = [one for one in ours if one.due_at is None or one.due_at <= today_ends]
    later = [one for one in ours if one.due_at is not None and one.due_at > today_ends]
    sorts: list[tuple[str, str, Sequence[Contact], bool]] = [
        ("live", gettext("Live"), live, False),
        ("today", gettext("Written, due today"), today, False),
        ("later", gettext("Written, due later"), later, False),
        ("theirs", gettext("Waiting for the resident"), theirs, True),
    ]
    groups, place = [], 0
    for code, title, members, shut in sorts:
        rows = []
        for contact in members:
            place += 1
            rows.append(_row(contact, lines.get(contact.pk), now, place, heard=heard.get(contact.pk, "")))
        if rows:
            groups.append(Group(code, title, tuple(rows), shut))
    return Hand(tuple(groups), tuple(contacts))


def _live_order(contact: Contact) -> tuple[int, datetime, str]:
    """Calls first, then who waits longest for us, then who was answered, then what is over."""
    said = contact.last_in_at or contact.arrived_at
    if contact.state == "wrap_up":
        return 3, contact.wrapped_at or said, str(contact.pk)
    if contact.state == "parked":
        return 2, said, str(contact.pk)
    return (0 if contact.channel == "voice" else 1 if waits_for_us(contact) else 2), said, str(contact.pk)


def _due_order(contact: Contact) -> tuple[datetime, str]:
    return contact.due_at or contact.arrived_at, str(contact.pk)


def _row(contact: Contact, line: intake.InHand | None, now: datetime, place: int, *, heard: str) -> Row:
    state, tag, since, due = _standing(contact, now)
    if heard:
        # Another conversation may be open: that somebody listens is seen here too.
        sign, words = HEARD[heard]
        tag = (str(words), "attention", sign, "")
    about = about_of(contact)
    said = " ".join(line.last.split())[:120] if line else ""
    return Row(
        id=contact.pk,
        reference=contact.reference,
        name=name_of(contact),
        said=about or said if not is_live(contact.channel) else said or about,
        channel=contact.channel,
        state=state,
        tag=tag,
        unread=line.unread if line else 0,
        since=since,
        due=due,
        place=place,
    )


_Standing = tuple[str, tuple[str, str, str, str] | None, datetime | None, datetime | None]


def _standing(contact: Contact, now: datetime) -> _Standing:
    if contact.state == "wrap_up":
        return "wrap", (gettext("Wrap-up"), "hold", "", "wrap"), contact.wrapped_at, None
    if contact.state == "parked":
        return "hold", (gettext("Set aside"), "hold", "", ""), None, contact.due_at
    if not is_live(contact.channel):
        return _written_standing(contact, now)
    if contact.channel == "voice":
        # On the telephone nobody waits for a word of ours: what counts is how long they have talked.
        return "live", None, contact.connected_at or contact.arrived_at, None
    if not waits_for_us(contact):
        return "", None, contact.last_out_at, None
    waiting_since = contact.last_in_at or contact.connected_at
    late = waiting_since is not None and now - waiting_since >= WAITS_TOO_LONG
    tag = (gettext("Over 3 min"), "attention", "clock", "") if late else None
    return ("late" if late else "live"), tag, waiting_since, None


def _written_standing(contact: Contact, now: datetime) -> _Standing:
    if not waits_for_us(contact):
        return "waiting", None, None, None
    due = contact.due_at
    if due is None:
        return "", None, None, None
    if due < now:
        return "overdue", (gettext("Overdue"), "critical", "", ""), None, due
    return ("due" if due - now <= DUE_SOON else ""), None, None, due
