"""An offer in the same write that takes a contact in, where the dispatcher works in this process.

Somebody on the telephone hears each thousandth part of a second until it rings at an agent's. So their contact need not
be committed, heard of by the dispatcher, decided on and committed again: whoever writes it down asks the dispatcher of
this process within the same write. It is the same engine on the same floor, the same compare-and-set under the same
lease, and the same events in the same order, with one commit in place of two. Where the dispatcher works elsewhere, or
is busy at this moment, nothing is lost: the contact is offered as any other once its row is there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Protocol
from uuid import UUID

from civicline.kernel import bus, db, rows, scopes

if TYPE_CHECKING:
    from civicline.intake.models import Contact
    from civicline.routing.models import Offer
    from civicline.routing.services.offers import Candidate


Told = Callable[["Candidate"], None]


class Chooser(Protocol):
    """Who decides: the active dispatcher."""

    def offer_at_once(self, contact: Contact, told: Told) -> Offer | None:
        """Offer a contact that is being written; None when it has to wait."""


_in_charge: list[Chooser] = []


def put_in_charge(chooser: Chooser) -> None:
    """This process decides from now on, by `chooser`."""
    _in_charge[:] = [chooser]


def relieve(chooser: Chooser) -> None:
    """It decides no longer. Harmless when another one has taken over from it."""
    if _in_charge == [chooser]:
        _in_charge.clear()


def offer_at_once(*, contact: Contact, told: Told = lambda _: None) -> Offer | None:
    """Offer a contact that was queued in this very write, if somebody is free; otherwise it waits as any other.

    `told` hears who was chosen before the offer is stored, which may still fail. Inside a write only (RuntimeError
    otherwise). Whoever's write came to nothing tells so by `came_to_nothing`.
    """
    if not db.in_write():
        raise RuntimeError("An offer at once belongs to the write of its contact: put @writes on the caller.")
    chooser, scope = next(iter(_in_charge), None), scopes.current()
    if chooser is None:
        return None
    if scope is not None:
        rows.settle(scope)  # what the write has put off so far comes before the offer, in the log too
    return chooser.offer_at_once(contact, told)


def came_to_nothing(*, contact_ids: Iterable[UUID]) -> None:
    """These contacts were not written after all: the dispatcher forgets them, and whom it chose is free."""
    for contact_id in contact_ids:
        bus.publish("queue-line", {"contact": str(contact_id)})
