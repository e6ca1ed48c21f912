"""A call that a process before this one had in hand: which legs are whose, where in its menu it is, and on it goes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING
from uuid import UUID

from civicline.channels.voice import selectors, services
from civicline.channels.voice.ari.messages import Channel
from civicline.channels.voice.company import services as parties
from civicline.channels.voice.control import company, names
from civicline.channels.voice.control.leg import Guest, Leg
from civicline.channels.voice.control.menu import InMenu, menu_of
from civicline.channels.voice.control.undialled import without_undialled

if TYPE_CHECKING:
    from civicline.channels.voice.control.line import Line
    from civicline.channels.voice.selectors import Facts


async def take_up(line: Line, legs: Sequence[Channel]) -> None:
    """Which of these legs is the agent's, which one is left over, where in its menu the call stands."""
    legs = await _rung_of(line, legs)
    await bind_picked_up(line, legs)
    facts = await line.board.rows(selectors.facts_of, line.contact_id) if line.contact_id else None
    if facts is not None and facts.agent_id is not None:
        await find_leg(line, facts, facts.agent_id, legs)
    if facts is not None:
        _find_guests(line, facts, legs)
    ours = {one.id for one in (line.leg, *line.guests.values()) if one is not None}
    for channel in legs:
        if channel.id not in ours:
            await line.hang_up(channel.id)  # an ear among them: whoever listens gets a new one
    if facts is None:
        return
    if not line.room.bridged and facts.contact_state != "received":
        # Perhaps the process ended before it had begun the music: a tune that begins anew is better than silence.
        await line.room.play_music()
    if facts.contact_state in ("received", "queued"):
        outside = facts.call_state == "outside"
        await _back_into_menu(line, in_line=facts.contact_state == "queued" or outside)
        if line.menu is not None:
            line.menu.rings_outside = outside
    line.look()  # to follow may take an event of the exchange, and those wait until we know whose they are


async def _rung_of(line: Line, legs: Sequence[Channel]) -> Sequence[Channel]:
    """Those of the legs on which somebody was rung; a party of another one is rung afresh."""
    rung = await without_undialled(line.board, legs)
    kept = {one.id for one in rung}
    for channel in legs:
        party_id = names.read_party(channel.id) if channel.id not in kept else None
        if party_id is not None:
            await line.board.rows(parties.never_rang, party_id=party_id)
    return rung


async def bind_picked_up(line: Line, legs: Sequence[Channel]) -> None:
    """Whoever picked up while nobody of us listened has the call, even if the time for it ran out since."""
    for channel in legs:
        found = names.read_leg(channel.id) if channel.up else None
        if (
            found is not None
            and line.call_id is not None
            and await line.board.rows(services.picked_up_unheard, call_id=line.call_id, offer_id=found[1])
        ):
            return


async def find_leg(line: Line, facts: Facts, agent_id: UUID, legs: Sequence[Channel]) -> None:
    """The leg of whoever has the contact, or is offered it."""
    accepted = await line.board.rows(selectors.offers_accepted, facts.contact_id, agent_id)
    belong = {facts.offer_id, agent_id, *accepted}
    took_over = {one.id for one in facts.company if one.state == "took_over" and one.agent_id == agent_id}
    for channel in legs:
        if names.read_party(channel.id) in took_over:
            line.leg = Leg(channel.id, agent_id, None, up=channel.up)
            line.board.legs[channel.id] = line
            return
    for channel in legs:
        found = names.read_leg(channel.id)
        if found is not None and found[1] in belong:
            offered = facts.offer_id if facts.contact_state == "offered" else None
            line.leg = Leg(channel.id, agent_id, offered, up=channel.up)
            line.board.legs[channel.id] = line


def _find_guests(line: Line, facts: Facts, legs: Sequence[Channel]) -> None:
    """Who else is in the call; whoever was picked up meanwhile is told of when the call is followed."""
    there = {one.id: one for one in facts.company if one.state != "took_over"}
    for channel in legs:
        party = there.get(names.read_party(channel.id) or UUID(int=0))
        if party is None:
            continue
        guest = Guest(channel.id, party.id, party.agent_id, up=channel.up)
        line.guests[party.id] = guest
        line.board.legs[channel.id] = line
        if channel.up and not party.answered:
            line.post(company.picked_up, line, guest)


async def _back_into_menu(line: Line, *, in_line: bool) -> None:
    """Where the call stands in its menu; who waits in line only goes on waiting."""
    call = await line.board.rows(selectors.get_call, line.call_id) if line.call_id else None
    if call is None or (call.flow is None and in_line):
        return
    menu, position = await line.board.rows(
        menu_of, call.flow, call.called, line.board.service_of(call.called) or "", call.number
    )
    if menu is None:
        if not in_line:
            await line.arrive(call.called, answered=True)
        return
    line.menu = InMenu(line, menu, line.caller_facts(), path=list((call.flow or {}).get("path", ())))
    if in_line:
        line.menu.position = position
    elif position is None:
        await line.menu.begin()
    else:
        await line.menu.go_on(position)
