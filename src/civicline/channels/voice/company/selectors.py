"""Reads of the company in calls."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final
from uuid import UUID

from civicline.channels.voice.company.models import ListeningRule, Party
from civicline.engine.parties import PRESENT
from civicline.kernel import rows

HEARING: Final = ("listening", "whispering", "joined")
"""How a supervisor is there, from who is heard by nobody to who is heard by all."""

if TYPE_CHECKING:
    from django.db.models import QuerySet


@dataclass(frozen=True, slots=True)
class Companion:
    """One party of a call that is there, or that has become its agent; what the exchange needs to know of them."""

    id: UUID
    kind: str
    state: str
    agent_id: UUID | None
    number: str
    asked_at: datetime
    answered: bool
    dialled: bool = False
    """Their telephone may have rung: without a leg it has ended since."""


def companions(call_id: UUID) -> tuple[Companion, ...]:
    """Who is there in a call, the first who was asked first."""
    found = rows.many(Party, where={"call_id": call_id}, any_of=("state", (*PRESENT, "took_over")))
    return tuple(
        Companion(
            one.id,
            one.kind,
            one.state,
            one.agent_id,
            one.number,
            one.asked_at,
            one.answered_at is not None,
            one.dialled_at is not None,
        )
        for one in sorted(found, key=lambda one: one.asked_at)
    )


def parties_of(call_id: UUID) -> QuerySet[Party]:
    """Everybody who is there in a call, with their names."""
    return _present().filter(call_id=call_id)


def parties_of_contact(contact_id: UUID) -> list[Party]:
    """Everybody who is there in the call of a contact."""
    return list(_present().filter(call__contact_id=contact_id))


def parties_of_calls(call_ids: Iterable[UUID]) -> dict[UUID, list[Party]]:
    """The same for many calls at once."""
    found: dict[UUID, list[Party]] = {}
    for party in _present().filter(call_id__in=list(call_ids)):
        found.setdefault(party.call_id, []).append(party)
    return found


def openly_heard(contact_ids: Iterable[UUID]) -> dict[UUID, str]:
    """Which of these are in talks that a supervisor hears and the agent may see; who joined in is heard anyway.

    With how they are there: of several, who is heard by most.
    """
    found = Party.objects.filter(
        call__contact_id__in=list(contact_ids),
        kind="monitor",
        state__in=HEARING,
    )
    there = list(found.values_list("call__contact_id", "state"))
    shown = shows_listening() if there else False
    seen = [(contact, state) for contact, state in there if shown or state == "joined"]
    return dict(sorted(seen, key=lambda one: HEARING.index(one[1])))


def _present() -> QuerySet[Party]:
    rows_ = Party.objects.filter(state__in=PRESENT).select_related("agent__user", "by__user", "call")
    return rows_.order_by("asked_at", "pk")


def asked_of(agent_id: UUID) -> QuerySet[Party]:
    """To which calls of others an agent is asked, or has come."""
    return (
        _present()
        .filter(agent_id=agent_id)
        .select_related("agent__user", "by__user", "call__contact__resident")
    )


def get_party(party_id: UUID) -> Party | None:
    """One party."""
    return rows.one(Party, where={"id": party_id})


def asked_in(party_ids: Iterable[UUID]) -> list[Party]:
    """Those of these parties who were asked in by the agent to talk with first, there or not, with their names."""
    found = Party.objects.filter(pk__in=list(party_ids), kind="consult", wish="private")
    return list(found.select_related("agent__user"))


def shows_listening() -> bool:
    """Whether agents see who listens. Unless somebody has said otherwise, they do."""
    rule = ListeningRule.objects.first()
    return rule is None or rule.sign


def was_asked(agent_id: UUID, contact_id: UUID) -> bool:
    """Whether somebody is in the call of this contact now, or is rung for it: they may read it."""
    return Party.objects.filter(
        agent_id=agent_id, call__contact_id=contact_id, state__in=PRESENT, kind="consult"
    ).exists()
