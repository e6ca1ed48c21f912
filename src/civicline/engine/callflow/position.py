"""Where a call stands in its flow: small, frozen, and stored between steps so that a restart goes on from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from civicline.engine.callflow.actions import Action, Say, SetLanguage
from civicline.engine.callflow.nodes import Flow
from civicline.engine.callflow.spoken import Spoken

MOST_TURNS = 120
"""Steps of one call; then it is given up to the flow's last resort. An hour of menus helps nobody."""
MOST_NODES = 60
"""Nodes passed in one step without waiting for anything: only a broken flow has more."""
MOST_KEYS = 32
"""Keys that are looked at; the rest of a storm is dropped."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of the caller before anything is asked.

    caller           number in E.164, "" withheld.     language  known from earlier contacts, "" unknown.
    caller_verified  the trunk vouches for the number (full attestation), so it may open the caller's own cases.
    """

    caller: str = ""
    language: str = ""
    caller_verified: bool = False


@dataclass(frozen=True, slots=True)
class Position:
    """The node, what was asked there last, how often, and what is kept for later.

    phase  what the node waits for, "" just entered.     tries  how often it asked.     turns  steps of the call.
    kept   remembered facts of this call: service, case, verified, and what a node needs between two steps.
    """

    node: str
    phase: str = ""
    tries: int = 0
    turns: int = 0
    language: str = ""
    kept: tuple[tuple[str, str], ...] = ()
    ended: bool = False

    def get(self, name: str) -> str:
        """A kept fact, "" when there is none."""
        return dict(self.kept).get(name, "")


@dataclass(frozen=True, slots=True)
class Step:
    """What to do now, and where the call stands then. The last action waits; nothing follows once `ended`."""

    position: Position
    actions: tuple[Action, ...] = ()


@dataclass(slots=True)
class Turn:
    """One step in the making: nodes add what is to be done, and say where to go or what to wait for."""

    flow: Flow
    facts: Facts
    position: Position
    actions: list[Action] = field(default_factory=list)
    waits: bool = False

    @property
    def phase(self) -> str:
        """What the node waits for."""
        return self.position.phase

    @property
    def tries(self) -> int:
        """How often the node asked before."""
        return self.position.tries

    def go(self, target: str) -> None:
        """Leave for another node."""
        self.position = replace(self.position, node=target, phase="", tries=0)

    def say(self, prompt: str, *, barge_in: bool = True, **values: object) -> None:
        """Tell a prompt; "" says nothing."""
        if prompt:
            self.tell((Spoken(prompt, values),), barge_in=barge_in)  # type: ignore[arg-type]  # values of Spoken

    def tell(self, spoken: tuple[Spoken, ...], *, barge_in: bool = True) -> None:
        """Play sentences."""
        if spoken:
            self.actions.append(Say(spoken, barge_in))

    def wait(self, action: Action, *, phase: str, tries: int | None = None) -> None:
        """End the step with this action; its outcome is heard in `phase`."""
        self.actions.append(action)
        self.position = replace(self.position, phase=phase, tries=self.tries if tries is None else tries)
        self.waits = True

    def keep(self, facts: Mapping[str, str]) -> None:
        """Keep facts for later nodes; an empty text forgets."""
        kept = dict(self.position.kept) | dict(facts)
        pairs = tuple(sorted((name, text) for name, text in kept.items() if text))
        self.position = replace(self.position, kept=pairs)

    def speak(self, language: str) -> None:
        """Go on in this language."""
        self.position = replace(self.position, language=language)
        self.actions.append(SetLanguage(language))


def as_plain(position: Position) -> dict[str, object]:
    """A position as JSON knows it."""
    return {
        "node": position.node,
        "phase": position.phase,
        "tries": position.tries,
        "turns": position.turns,
        "language": position.language,
        "kept": dict(position.kept),
        "ended": position.ended,
    }


def from_plain(plain: Mapping[str, object]) -> Position:
    """The position that `as_plain` wrote. Raises ValueError for anything else."""
    kept = plain.get("kept", {})
    numbers = (plain.get("tries", 0), plain.get("turns", 0))
    texts = (plain.get("node"), plain.get("phase", ""), plain.get("language", ""))
    if not (
        isinstance(kept, Mapping)
        and all(isinstance(one, str) for one in texts)
        and all(isinstance(one, int) for one in numbers)
    ):
        raise ValueError(f"not a position in a call: {plain!r}")
    return Position(
        node=str(texts[0]),
        phase=str(texts[1]),
        tries=int(str(numbers[0])),
        turns=int(str(numbers[1])),
        language=str(texts[2]),
        kept=tuple(sorted((str(name), str(text)) for name, text in kept.items())),
        ended=bool(plain.get("ended", False)),
    )
