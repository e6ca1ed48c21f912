"""Nodes where the menu hands the call on: into a queue, to voicemail, to another number, to the end."""

from __future__ import annotations

from dataclasses import replace

from civicline.engine.callflow import actions, nodes
from civicline.engine.callflow.hearing import Digits, Heard, Recorded
from civicline.engine.callflow.position import Turn

SAID = ("voicemail_thanks",)
"""Built-in prompts of these nodes."""


def queue(node: nodes.Queue, turn: Turn, heard: Heard) -> None:
    """Into the line; what comes back is that it was full, or a key."""
    if turn.phase == "queue":
        turn.go(node.key if isinstance(heard, Digits) and node.key else node.full)
        return
    turn.say(node.prompt, barge_in=False)
    service = node.service or turn.position.get("service")
    turn.wait(actions.EnterQueue(node.queue, service, key_leaves=bool(node.key)), phase="queue")


def voicemail(node: nodes.Voicemail, turn: Turn, heard: Heard) -> None:
    """Ask, record, thank. Silence and a failed recording go on too."""
    if turn.phase == "recording":
        if isinstance(heard, Recorded) and heard.seconds > 0:
            turn.say("voicemail_thanks")
        turn.go(node.next)
        return
    turn.say(node.prompt, barge_in=False)
    service = node.service or turn.position.get("service")
    turn.wait(actions.RecordVoicemail(node.queue, node.seconds, service), phase="recording")


def transfer(node: nodes.Transfer, turn: Turn, heard: Heard) -> None:
    """To a queue or an outside number; whatever comes back means that it failed."""
    if turn.phase == "transfer":
        turn.go(node.failed)
        return
    turn.say(node.prompt, barge_in=False)
    onward = (
        actions.EnterQueue(node.target, turn.position.get("service"))
        if node.to == "queue"
        else actions.Dial(node.target)
    )
    turn.wait(onward, phase="transfer")


def hang_up(node: nodes.HangUp, turn: Turn, _heard: Heard) -> None:
    """Good-bye."""
    turn.say(node.prompt, barge_in=False)
    end(turn)


def end(turn: Turn) -> None:
    """Nothing follows."""
    turn.wait(actions.HangUp(), phase="over")
    turn.position = replace(turn.position, ended=True)
