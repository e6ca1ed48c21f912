"""Which case a caller asks about: its reference by keys, then the PIN, unless their number vouches for them."""

from __future__ import annotations

from civicline.engine.callflow import nodes
from civicline.engine.callflow.actions import Collect, LookUp, Remember
from civicline.engine.callflow.hearing import Answered, Digits, Heard
from civicline.engine.callflow.lookups import UNKNOWN
from civicline.engine.callflow.position import MOST_KEYS, Turn

SAID = ("case_not_found", "case_wrong_pin", "case_locked", "not_heard")
"""Built-in prompts of this node."""
PIN_DIGITS = 6
LONGEST_REFERENCE = 16


def identify_case(node: nodes.IdentifyCase, turn: Turn, heard: Heard) -> None:
    """Ask for the reference, look for it, ask for the PIN, check it."""
    hearing = _HEARING.get(turn.phase)
    if hearing is None:
        turn.keep({"case": "", "cases": "", "verified": ""})
        _ask_reference(node, turn, tries=0)
    else:
        hearing(node, turn, heard)


def _ask_reference(node: nodes.IdentifyCase, turn: Turn, *, tries: int) -> None:
    turn.say(node.prompt)
    turn.wait(Collect(LONGEST_REFERENCE, node.seconds, between=5.0), phase="reference", tries=tries)


def _ask_pin(node: nodes.IdentifyCase, turn: Turn) -> None:
    turn.say(node.pin_prompt)
    turn.wait(Collect(PIN_DIGITS, node.seconds, between=5.0), phase="pin")


def _keys(heard: Heard) -> str:
    text = heard.text if isinstance(heard, Digits) else ""
    return "".join(key for key in text if key.isdigit())[:MOST_KEYS]


def _hear_reference(node: nodes.IdentifyCase, turn: Turn, heard: Heard) -> None:
    keys = _keys(heard)
    if keys:
        turn.wait(LookUp("case", {"keys": keys, "attempt": str(turn.tries + 1)}), phase="case")
    else:
        _again(node, turn, "not_heard")


def _again(node: nodes.IdentifyCase, turn: Turn, why: str) -> None:
    """From the reference on: of a wrong pair, nobody is told which half was wrong."""
    turn.say(why)
    if turn.tries + 1 >= node.tries:
        turn.go(node.not_found)
    else:
        _ask_reference(node, turn, tries=turn.tries + 1)


def _hear_case(node: nodes.IdentifyCase, turn: Turn, heard: Heard) -> None:
    answer = heard if isinstance(heard, Answered) else UNKNOWN
    case = answer.noted.get("case", "")
    if answer.outcome == "verified" and case:
        _found(node, turn, case, "number")
    elif answer.outcome == "pin":
        turn.keep({"cases": answer.noted.get("cases", "")})
        _ask_pin(node, turn)
    elif answer.outcome == "locked":
        turn.say("case_locked")
        turn.go(node.not_found)
    else:
        _again(node, turn, "case_not_found")


def _hear_pin(node: nodes.IdentifyCase, turn: Turn, heard: Heard) -> None:
    pin = _keys(heard)
    if pin:
        values = {"cases": turn.position.get("cases"), "pin": pin}
        turn.wait(LookUp("check_pin", values), phase="check_pin")
    else:
        _again(node, turn, "not_heard")


def _hear_check(node: nodes.IdentifyCase, turn: Turn, heard: Heard) -> None:
    answer = heard if isinstance(heard, Answered) else UNKNOWN
    case = answer.noted.get("case", "")
    if answer.outcome == "verified" and case:
        _found(node, turn, case, "pin")
    elif answer.outcome == "locked":
        turn.say("case_locked")
        turn.go(node.not_found)
    else:
        _again(node, turn, "case_wrong_pin")


def _found(node: nodes.IdentifyCase, turn: Turn, case: str, verified: str) -> None:
    turn.keep({"case": case, "verified": verified, "cases": ""})
    turn.actions.append(Remember({"case": case, "verified": verified}))
    turn.go(node.found)


_HEARING = {
    "reference": _hear_reference,
    "case": _hear_case,
    "pin": _hear_pin,
    "check_pin": _hear_check,
}
