"""A menu connects its caller with a number outside: who is rung, what became of it, and back into the menu."""

from __future__ import annotations

from uuid import UUID

from civicline.channels.voice import outside
from civicline.channels.voice.company.models import Party
from civicline.channels.voice.company.services import parties
from civicline.channels.voice.models import Call
from civicline.channels.voice.services.calls import get, learn, moved
from civicline.intake import selectors as intake_selectors
from civicline.intake import services as intake
from civicline.kernel import clock
from civicline.kernel.db import writes
from civicline.kernel.errors import Conflict


@writes
def pass_outside(*, call_id: UUID, number: str) -> None:
    """Ring this number for a caller in a menu. Raises `NotCalled` for one that is not called from here, `Conflict`."""
    call = get(call_id)
    clean = outside.may_call(number)
    if moved(call, "outside", data={"menu": True}) is None:
        raise Conflict(code="call-moved", state=call.state)
    parties.ask(
        call_id=call.pk,
        contact_id=call.contact_id,
        kind=Party.Kind.CONSULT,
        wish="joined",
        by=None,
        number=clean,
    )


def is_of_menu(call: Call) -> bool:
    """Whether nobody of ours has had this call: a menu passed it on."""
    contact = intake_selectors.find_contact(call.contact_id)
    return call.state == "outside" and contact is not None and contact.state == "received"


def menu_goes_on(call: Call, *, answered: bool) -> None:
    """Whoever was rung is gone: without an answer the caller is in the menu again, else the call is over."""
    if not answered:
        moved(call, "ivr", data={"outside": "not_reached"})
        return
    moved(call, "ended", reason="agent_hung_up", ended_at=clock.now())
    intake.close(contact_id=call.contact_id, disposition="self_served", expect={"received"})


def served_outside(call: Call) -> None:
    """The caller talks with whoever they asked for."""
    learn(call_id=call.pk, facts={"served": "outside"})
