"""Nodes that talk and ask: say, menu, language."""

from __future__ import annotations

from civicline.engine.callflow import nodes
from civicline.engine.callflow.actions import Collect, Remember
from civicline.engine.callflow.hearing import Digits, Heard
from civicline.engine.callflow.position import Turn
from civicline.engine.callflow.spoken import Spelled, Spoken

SAID = ("not_understood", "not_heard")
"""Built-in prompts of menus."""


def say(node: nodes.Say, turn: Turn, _heard: Heard) -> None:
    """Say it and go on."""
    turn.say(node.prompt, barge_in=node.barge_in)
    turn.go(node.next)


def ask_digit(node: nodes.AskDigit, turn: Turn, heard: Heard) -> None:
    """Ask, or act on what was pressed."""
    if turn.phase != "key":
        _ask_key(node, turn, tries=0)
        return
    key = heard.text[:1] if isinstance(heard, Digits) else ""
    chosen = next((one for one in node.choices if key and one.digit == key), None)
    if chosen is not None:
        if chosen.service:
            turn.keep({"service": chosen.service})
            turn.actions.append(Remember({"service": chosen.service}))
        turn.go(chosen.next)
    elif turn.tries >= node.repeats:
        turn.go(node.invalid if key else node.silence)
    else:
        turn.say(SAID[0] if key else SAID[1])
        _ask_key(node, turn, tries=turn.tries + 1)


def _ask_key(node: nodes.AskDigit, turn: Turn, *, tries: int) -> None:
    turn.say(node.prompt)
    turn.wait(Collect(1, node.seconds, terminator=""), phase="key", tries=tries)


def language(node: nodes.Language, turn: Turn, heard: Heard) -> None:
    """Every language offers itself, unless the caller's is known."""
    offered = {one.language for one in node.choices}
    if turn.phase != "key":
        known = turn.facts.language
        if known in offered and not node.ask_known:
            _choose(node, turn, known)
        else:
            _ask_language(node, turn, tries=0)
        return
    key = heard.text[:1] if isinstance(heard, Digits) else ""
    chosen = next((one for one in node.choices if key and one.digit == key), None)
    if chosen is not None:
        _choose(node, turn, chosen.language)
    elif turn.tries >= node.repeats:
        turn.go(node.next)
    else:
        _ask_language(node, turn, tries=turn.tries + 1)


def _choose(node: nodes.Language, turn: Turn, language: str) -> None:
    turn.speak(language)
    turn.actions.append(Remember({"language": language}))
    turn.go(node.next)


def _ask_language(node: nodes.Language, turn: Turn, *, tries: int) -> None:
    told = tuple(Spoken(node.prompt, {"digit": Spelled(one.digit)}, one.language) for one in node.choices)
    turn.tell(told)
    turn.wait(Collect(1, node.seconds, terminator=""), phase="key", tries=tries)
