"""One step of a call through its flow.

    step = begin(flow, Facts(caller="+12025550123"))
    while not step.position.ended:
        heard = carry_out(step.actions)             # the outcome of the last action
        step = walk(flow, step.position, heard, facts)

Pure and total: no text of keys, no answer and no position makes it raise, and every call ends within MOST_TURNS
steps. A node that is missing, a loop that waits for nothing and a call that goes on for ever lead to the flow's
`give_up` node, and where that is missing or was tried already, to an apology and the end.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from civicline.engine.callflow import callbacks, identifying, leaving, lookups, menus, nodes
from civicline.engine.callflow.actions import Say
from civicline.engine.callflow.hearing import Digits, Heard, HungUp, Silence, Started
from civicline.engine.callflow.nodes import KEYS, Flow, Node
from civicline.engine.callflow.position import MOST_KEYS, MOST_NODES, MOST_TURNS, Facts, Position, Step, Turn

SORRY = "sorry"
"""Built-in prompt of a call that cannot go on."""
GAVE_UP = "gave_up"
LAST_TURNS = 20
"""What a call that was given up may still take: a line that is full, a message."""

_WALKS: dict[type[Node], Callable[[Any, Turn, Heard], None]] = {
    nodes.Say: menus.say,
    nodes.AskDigit: menus.ask_digit,
    nodes.Language: menus.language,
    nodes.Hours: lookups.hours,
    nodes.Notice: lookups.notice,
    nodes.AnnounceWait: lookups.announce_wait,
    nodes.ReadStatus: lookups.read_status,
    nodes.IdentifyCase: identifying.identify_case,
    nodes.OfferCallback: callbacks.offer_callback,
    nodes.Queue: leaving.queue,
    nodes.Voicemail: leaving.voicemail,
    nodes.Transfer: leaving.transfer,
    nodes.HangUp: leaving.hang_up,
}


def begin(flow: Flow, facts: Facts) -> Step:
    """The first step of a call that was just answered: in the caller's language where the flow speaks it."""
    known = facts.language in flow.languages
    language = facts.language if known else (*flow.languages, "en")[0]
    turn = Turn(flow, facts, Position(flow.start))
    turn.speak(language)
    return _run(turn, Started())


def walk(flow: Flow, position: Position, heard: Heard, facts: Facts) -> Step:
    """The next step from a position, after what was heard there. Once over, a call stays over."""
    if position.ended or isinstance(heard, HungUp):
        return Step(replace(position, ended=True))
    turn = Turn(flow, facts, replace(position, turns=position.turns + 1))
    if isinstance(heard, Started):
        turn.go(position.node)
    if position.turns >= MOST_TURNS + (LAST_TURNS if position.get(GAVE_UP) else 0):
        _give_up(turn)
    return _run(turn, _clean(heard))


def _clean(heard: Heard) -> Heard:
    """Keys that no telephone has are dropped, and so is the tail of a storm; nothing left is silence."""
    if not isinstance(heard, Digits):
        return heard
    text = "".join(key for key in heard.text[: MOST_KEYS * 8] if key in KEYS)[:MOST_KEYS]
    return Digits(text) if text else Silence()


def _run(turn: Turn, heard: Heard) -> Step:
    """Pass nodes until one waits."""
    for _ in range(MOST_NODES):
        if turn.waits:
            break
        _pass(turn, heard)
        heard = Started()
    if not turn.waits:  # a ring of sentences: nobody shall hear it sixty times
        turn.actions = [one for one in turn.actions if not isinstance(one, Say)]
        _give_up(turn)
        _pass(turn, heard)
    return Step(turn.position, tuple(turn.actions))


def _pass(turn: Turn, heard: Heard) -> None:
    node = turn.flow.nodes.get(turn.position.node)
    if turn.waits:
        return
    if node is None:
        _give_up(turn)
    else:
        _WALKS[type(node)](node, turn, heard)


def _give_up(turn: Turn) -> None:
    """To the last resort, once; then to the end. Nodes of a last resort wait as soon as they are entered."""
    resort = turn.flow.nodes.get(turn.flow.give_up)
    if resort is not None and nodes.ends_call(resort) and not turn.position.get(GAVE_UP):
        turn.keep({GAVE_UP: "1"})
        turn.go(turn.flow.give_up)
    else:
        turn.say(SORRY, barge_in=False)
        leaving.end(turn)
