"""Nodes that ask the town's data: hours, notices, waits, the status of a case."""

from __future__ import annotations

from civicline.engine.callflow import nodes
from civicline.engine.callflow.actions import LookUp, LookUpKind
from civicline.engine.callflow.hearing import Answered, Heard
from civicline.engine.callflow.position import Turn

SAID: dict[LookUpKind, tuple[str, ...]] = {
    "hours": ("opens_again", "opens_not_known"),
    "notices": ("notice",),
    "wait": ("wait_now", "wait_up_to", "wait_range", "wait_place", "wait_unknown", "wait_nobody"),
    "status": ("case_status", "case_status_due", "case_gone"),
}
"""Built-in prompts that answers may use: every language needs them."""

UNKNOWN = Answered("unknown")


def answer_to(turn: Turn, heard: Heard, kind: LookUpKind, **values: str) -> Answered | None:
    """The answer, once it came; None after asking for it. Anything else heard counts as unknown."""
    if turn.phase != kind:
        turn.wait(LookUp(kind, values), phase=kind)
        return None
    return heard if isinstance(heard, Answered) else UNKNOWN


def hours(node: nodes.Hours, turn: Turn, heard: Heard) -> None:
    """Branch by opening hours. When they cannot be read, the line is open: a queue may still say no."""
    answer = answer_to(turn, heard, "hours", calendar=node.calendar)
    if answer is None:
        return
    closed = answer.outcome in {"closed", "holiday"}
    if closed and node.tell:
        turn.tell(answer.says)
    if answer.outcome == "holiday" and node.holiday:
        turn.go(node.holiday)
    else:
        turn.go(node.closed if closed else node.open)


def notice(node: nodes.Notice, turn: Turn, heard: Heard) -> None:
    """Tell what is in force."""
    answer = answer_to(turn, heard, "notices", services=",".join(node.services))
    if answer is not None:
        turn.tell(answer.says)
        turn.go(node.told if answer.says and node.told else node.next)


def announce_wait(node: nodes.AnnounceWait, turn: Turn, heard: Heard) -> None:
    """Tell the range; a long one may lead elsewhere."""
    answer = answer_to(turn, heard, "wait", queue=node.queue)
    if answer is not None:
        turn.tell(answer.says)
        minutes = answer.number
        is_long = bool(node.long) and minutes is not None and minutes > node.long_minutes
        turn.go(node.long if is_long else node.next)


def read_status(node: nodes.ReadStatus, turn: Turn, heard: Heard) -> None:
    """Tell how the case stands, if one was identified in this call."""
    case = turn.position.get("case")
    if not case:
        turn.go(node.unknown or node.next)
        return
    answer = answer_to(turn, heard, "status", case=case)
    if answer is not None:
        turn.tell(answer.says)
        turn.go(node.next)
