"""The offer to call back: to the number they call from or another one, read back before it counts.

Who is owed a call already is told so instead, and may keep it, call it off, or wait on the line at the place they have.
"""

from __future__ import annotations

from civicline.engine.callflow import nodes
from civicline.engine.callflow.actions import Collect, EnterQueue, LookUp
from civicline.engine.callflow.hearing import Answered, Digits, Heard
from civicline.engine.callflow.lookups import UNKNOWN
from civicline.engine.callflow.position import Turn
from civicline.engine.callflow.spoken import Spelled

SAID = (
    "callback_this_number", "callback_type_number", "callback_confirm", "callback_booked", "callback_not_possible",
    "callback_known", "callback_known_choices", "callback_known_resting", "callback_called_off", "callback_gone",
)  # fmt: skip
"""Built-in prompts of this node, and of the answer to a booking."""
LONGEST_NUMBER = 15
SHORTEST_NUMBER = 5
TRIES = 3
YES, OTHER = "1", "2"
KEEP, CALL_OFF, JOIN = "1", "2", "3"


def offer_callback(node: nodes.OfferCallback, turn: Turn, heard: Heard) -> None:
    """Offer, choose the number, confirm it, book it. Silence at any point refuses, calmly."""
    hearing = _HEARING.get(turn.phase)
    if hearing is not None:
        hearing(node, turn, heard)
    elif turn.facts.caller:
        turn.wait(LookUp("callback", {"queue": node.queue}), phase="callback", tries=0)
    else:
        _offer(node, turn)


def _offer(node: nodes.OfferCallback, turn: Turn) -> None:
    turn.keep({"number": ""})
    turn.say(node.prompt)
    turn.wait(Collect(1, node.seconds, terminator=""), phase="offer", tries=0)


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


# --- Owed already


def _hear_known(node: nodes.OfferCallback, turn: Turn, heard: Heard) -> None:
    """`owed`: they may wait on the line now. `resting`: nobody is there until later."""
    answer = heard if isinstance(heard, Answered) else UNKNOWN
    callback = answer.noted.get("callback", "")
    if not callback or answer.outcome not in ("owed", "resting"):
        _offer(node, turn)
        return
    turn.keep({"callback": callback})
    turn.say("callback_known", number=Spelled(turn.facts.caller))
    turn.tell(answer.says)
    open_now = answer.outcome == "owed"
    turn.say("callback_known_choices" if open_now else "callback_known_resting")
    turn.wait(Collect(1, node.seconds, terminator=""), phase="owed" if open_now else "resting")


def _hear_choice(node: nodes.OfferCallback, turn: Turn, heard: Heard) -> None:
    """Whoever says nothing keeps it."""
    key, callback = _pressed(heard), {"callback": turn.position.get("callback")}
    if key == CALL_OFF:
        turn.wait(LookUp("cancel_callback", callback), phase="cancel_callback")
    elif key == JOIN and turn.phase == "owed":
        turn.wait(LookUp("join_callback", callback), phase="join_callback")
    else:
        turn.say("callback_booked")
        turn.go(node.accepted)


def _hear_called_off(node: nodes.OfferCallback, turn: Turn, heard: Heard) -> None:
    if _done(heard):
        turn.say("callback_called_off")
        turn.go(node.accepted)
    else:
        _was_gone(node, turn)


def _hear_joined(node: nodes.OfferCallback, turn: Turn, heard: Heard) -> None:
    if _done(heard):
        service = node.service or turn.position.get("service")
        turn.wait(EnterQueue(node.queue, service), phase="joined")
    else:
        _was_gone(node, turn)


def _hear_no_line(node: nodes.OfferCallback, turn: Turn, heard: Heard) -> None:
    turn.go(node.refused)


def _was_gone(node: nodes.OfferCallback, turn: Turn) -> None:
    turn.say("callback_gone")
    turn.go(node.refused)


def _done(heard: Heard) -> bool:
    return isinstance(heard, Answered) and heard.outcome == "done"


_HEARING = {
    "callback": _hear_known,
    "owed": _hear_choice,
    "resting": _hear_choice,
    "cancel_callback": _hear_called_off,
    "join_callback": _hear_joined,
    "joined": _hear_no_line,
    "offer": _hear_offer,
    "which": _hear_which,
    "number": _hear_number,
    "confirm": _hear_confirm,
    "book_callback": _hear_booking,
}
