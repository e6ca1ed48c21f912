"""The offer to call back: to the number they call from or another one, read back before it counts."""

from __future__ import annotations

from civicline.engine.callflow import nodes
from civicline.engine.callflow.actions import Collect, LookUp
from civicline.engine.callflow.hearing import Answered, Digits, Heard
from civicline.engine.callflow.lookups import UNKNOWN
from civicline.engine.callflow.position import Turn
from civicline.engine.callflow.spoken import Spelled

SAID = (
    "callback_this_number", "callback_type_number", "callback_confirm", "callback_booked", "callback_not_possible",
)  # fmt: skip
"""Built-in prompts of this node, and of the answer to a booking."""
LONGEST_NUMBER = 15
SHORTEST_NUMBER = 5
TRIES = 3
YES, OTHER = "1", "2"


def offer_callback(node: nodes.OfferCallback, turn: Turn, heard: Heard) -> None:
    """Offer, choose the number, confirm it, book it. Silence at any point refuses, calmly."""
    hearing = _HEARING.get(turn.phase)
    if hearing is None:
        turn.keep({"number": ""})
        turn.say(node.prompt)
        turn.wait(Collect(1, node.seconds, terminator=""), phase="offer", tries=0)
    else:
        hearing(node, turn, heard)


def _pressed(heard: Heard) -> str:
    return heard.text[:1] if isinstance(heard, Digits) else ""


def _hear_offer(node: nodes.OfferCallback, turn: Turn, heard: Heard) -> None:
    if _pressed(heard) != YES:
        turn.go(node.refused)
    elif turn.facts.caller:
        turn.say("callback_this_number", number=Spelled(turn.facts.caller))
        turn.wait(Collect(1, node.seconds, terminator=""), phase="which")
    else:
        _ask_number(turn, tries=0)


def _hear_which(node: nodes.OfferCallback, turn: Turn, heard: Heard) -> None:
    key = _pressed(heard)
    if key == YES:
        _book(node, turn, turn.facts.caller)
    elif key == OTHER:
        _ask_number(turn, tries=0)
    else:
        turn.go(node.refused)


def _ask_number(turn: Turn, *, tries: int) -> None:
    turn.say("callback_type_number")
    turn.wait(Collect(LONGEST_NUMBER, 10, between=5.0), phase="number", tries=tries)


def _hear_number(node: nodes.OfferCallback, turn: Turn, heard: Heard) -> None:
    text = heard.text if isinstance(heard, Digits) else ""
    number = "".join(key for key in text if key.isdigit())
    if SHORTEST_NUMBER <= len(number) <= LONGEST_NUMBER:
        turn.keep({"number": number})
        turn.say("callback_confirm", number=Spelled(number))
        turn.wait(Collect(1, node.seconds, terminator=""), phase="confirm")
    elif turn.tries + 1 < TRIES:
        _ask_number(turn, tries=turn.tries + 1)
    else:
        turn.go(node.refused)


def _hear_confirm(node: nodes.OfferCallback, turn: Turn, heard: Heard) -> None:
    key = _pressed(heard)
    if key == YES:
        _book(node, turn, turn.position.get("number"))
    elif key and turn.tries + 1 < TRIES:
        _ask_number(turn, tries=turn.tries + 1)
    else:
        turn.go(node.refused)


def _book(node: nodes.OfferCallback, turn: Turn, number: str) -> None:
    service = node.service or turn.position.get("service")
    values = {"queue": node.queue, "service": service, "number": number}
    turn.wait(LookUp("book_callback", values), phase="book_callback")


def _hear_booking(node: nodes.OfferCallback, turn: Turn, heard: Heard) -> None:
    answer = heard if isinstance(heard, Answered) else UNKNOWN
    booked = answer.outcome == "booked"
    if answer.says:
        turn.tell(answer.says)
    else:
        turn.say("callback_booked" if booked else "callback_not_possible")
    turn.go(node.accepted if booked else node.refused)


_HEARING = {
    "offer": _hear_offer,
    "which": _hear_which,
    "number": _hear_number,
    "confirm": _hear_confirm,
    "book_callback": _hear_booking,
}
