"""Calls of a busy moment for the pictures: one with others in it, and callers who wait. It needs no exchange."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

TOWN, WATER = "+442079460999", "+442079460200"
WAITING = (("benefits", "+442079460311", 4), ("council-tax", "+442079460312", 1))


def with_company(agent: UUID, colleague: UUID) -> UUID:
    """A caller on hold while this agent asks a colleague, with somebody outside in the call; returns the contact."""
    from civicline.channels.voice import services as voice
    from civicline.channels.voice.company import services as company
    from civicline.routing import services as routing

    voice.save_phone(agent_id=agent, name="7004", kind="sip", address="sip:7004@192.0.2.20:5060")
    raw = {
        "channel": "floor-company", "number": "+442079460377", "called": TOWN, "service_code": "repair",
        "language": "en",
    }  # fmt: skip
    call = voice.arrive(raw=raw, in_line=True)
    routing.assign(contact_id=call.contact_id, agent_id=agent, by=agent, reason="A busy moment")
    voice.phone_rang(call_id=call.call_id, agent_id=agent)
    voice.talking(call_id=call.call_id, agent_id=agent)
    for digit in "4711":
        voice.caller_pressed(call_id=call.call_id, digit=digit, marked=False)
    outside = company.ask(
        call_id=call.call_id,
        contact_id=call.contact_id,
        kind="consult",
        wish="joined",
        by=agent,
        number=WATER,
    )
    asked = company.ask(
        call_id=call.call_id, contact_id=call.contact_id, kind="consult", wish="private", by=agent,
        agent_id=colleague, note="No hot water since Friday: whom do I send?",
    )  # fmt: skip
    for party in (outside, asked):
        voice.party_answered(call_id=call.call_id, party_id=party.pk)
    return call.contact_id


def callers_wait() -> None:
    """Callers who came some minutes ago."""
    from civicline.channels.voice import services as voice
    from civicline.kernel import clock

    for service, number, minutes in WAITING:
        with clock.use(clock.ManualClock(clock.now() - timedelta(minutes=minutes))):
            raw = {
                "channel": f"floor-{number}", "number": number, "called": TOWN, "service_code": service,
                "language": "en",
            }  # fmt: skip
            voice.arrive(raw=raw, in_line=True)
