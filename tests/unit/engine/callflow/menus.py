"""A town's menu for tests, and a caller who walks it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from civicline.engine.callflow import (
    Answered,
    Digits,
    Facts,
    Flow,
    Heard,
    Node,
    Recorded,
    Silence,
    Spoken,
    Step,
    actions,
    begin,
    nodes,
    prompts_of_flow,
    walk,
)
from civicline.engine.callflow.position import MOST_TURNS

MENU: dict[str, Node] = {
    "language": nodes.Language(
        "language_choice", (nodes.LanguageChoice("1", "en"), nodes.LanguageChoice("2", "ar")), "notices"
    ),
    "notices": nodes.Notice("hours"),
    "hours": nodes.Hours("town-hall", open="menu", closed="closed", tell=True),
    "menu": nodes.AskDigit(
        "menu",
        (
            nodes.Choice("1", "wait", "repair"),
            nodes.Choice("2", "case"),
            nodes.Choice("3", "outside"),
            nodes.Choice("9", "menu"),
        ),
        silence="wait",
        invalid="wait",
        repeats=1,
    ),
    "wait": nodes.AnnounceWait("general", "line", long="callback", long_minutes=10),
    "callback": nodes.OfferCallback("general", accepted="bye", refused="line"),
    "line": nodes.Queue("general", full="voicemail", key="callback", prompt="please_wait"),
    "case": nodes.IdentifyCase(found="status", not_found="wait", tries=2),
    "status": nodes.ReadStatus("menu", unknown="case"),
    "outside": nodes.Transfer("number", "+12025550100", failed="wait", prompt="connecting"),
    "closed": nodes.Say("closed", "voicemail"),
    "voicemail": nodes.Voicemail("general", "bye"),
    "bye": nodes.HangUp(),
}
TOWN = Flow("language", MENU, ("en", "ar"), "line")
PROMPTS = {language: set(prompts_of_flow(TOWN)) for language in TOWN.languages}
KNOWN: dict[str, Answered] = {
    "hours": Answered("open"),
    "notices": Answered("none"),
    "wait": Answered("known", (Spoken("wait_range", {"low": 5, "high": 10}),), number=10),
    "case": Answered("pin", noted={"cases": "c1,c2"}),
    "check_pin": Answered("verified", noted={"case": "c1"}),
    "status": Answered("read", (Spoken("case_status"),)),
    "callback": Answered("none"),
    "cancel_callback": Answered("done"),
    "join_callback": Answered("done"),
    "book_callback": Answered("booked"),
}


def changed(key: str, /, **fields: object) -> Flow:
    """The town's menu with one node changed."""
    return replace(TOWN, nodes={**MENU, key: replace(MENU[key], **fields)})  # type: ignore[arg-type]  # a test's own


def of(start: Node, **others: Node) -> Flow:
    """A small menu that begins with a node; "bye" hangs up."""
    return Flow("start", {"start": start, "bye": nodes.HangUp(), **others}, ("en",), "bye")


def told(step: Step) -> list[str]:
    """The prompts that a step plays."""
    return [one.prompt for act in step.actions if isinstance(act, actions.Say) for one in act.spoken]


def last(step: Step) -> actions.Action:
    """What the step waits for."""
    return step.actions[-1]


class Caller:
    """Walks a flow; look-ups are answered from `answers`, keys and silence come from the story."""

    def __init__(
        self,
        flow: Flow,
        answers: Mapping[str, Answered] | None = None,
        facts: Facts | None = None,
    ) -> None:
        self.flow, self.facts = flow, facts or Facts("+12025550123")
        self.answers = {**KNOWN, **(answers or {})}
        self.asked: list[actions.LookUp] = []
        self.heard: list[str] = []
        self.step = self._looked_up(begin(flow, self.facts))

    def _looked_up(self, step: Step) -> Step:
        self.heard += told(step)
        for _ in range(MOST_TURNS + 50):
            if step.position.ended or not isinstance(last(step), actions.LookUp):
                return step
            look_up = last(step)
            assert isinstance(look_up, actions.LookUp)
            self.asked.append(look_up)
            step = walk(self.flow, step.position, self.answers[look_up.kind], self.facts)
            self.heard += told(step)
        raise AssertionError("look-ups without end")

    def hears(self, heard: Heard) -> Step:
        """One thing comes back; look-ups that follow are answered."""
        self.heard = []
        self.step = self._looked_up(walk(self.flow, self.step.position, heard, self.facts))
        return self.step

    def presses(self, keys: str) -> Step:
        """Keys."""
        return self.hears(Digits(keys))

    def waits(self) -> Step:
        """Nothing pressed."""
        return self.hears(Silence())

    @property
    def at(self) -> str:
        """The node where the call stands."""
        return self.step.position.node


def silence_to_the_end(
    flow: Flow, step: Step, facts: Facts, answer: Callable[[actions.LookUp], Answered]
) -> tuple[Step, int]:
    """Go on without a key until the call ends, is in line or dials; return the last step and how many it took."""
    for count in range(MOST_TURNS + 50):
        if step.position.ended or isinstance(last(step), actions.EnterQueue | actions.Dial):
            return step, count
        waiting = last(step)
        heard: Heard = Silence()
        if isinstance(waiting, actions.LookUp):
            heard = answer(waiting)
        elif isinstance(waiting, actions.RecordVoicemail):
            heard = Recorded(0)
        step = walk(flow, step.position, heard, facts)
    raise AssertionError("silence does not end")
