"""One call in each state that a call may be in, all at once: what leads there, what must be so afterwards.

What leads from one state to the next is split where a process may die: `begin` comes to the edge, `act` takes the last
step, `meanwhile` is what people do while nobody listens, `after` must come true once somebody listens again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, ClassVar

from tests.exchange import Exchange
from tests.sip_phone import SipPhone

Condition = tuple[str, Callable[[], object]]
Steps = Iterator[Condition]
ENDED = ("wrapup", "ended")


@dataclass
class People:
    """Who is in the town: the exchange, its desks in the order of its agents, and what rings when it calls out."""

    house: Exchange
    desks: list[SipPhone]
    home: SipPhone
    rows: list[dict[str, Any]] = field(default_factory=list)

    def look(self) -> None:
        """How all calls stand now."""
        self.rows = self.house.do("calls")[self.house.before :]


class Scene:
    """One state. `desks`: how many agents it needs; `story`: what its contact's events tell, in this order."""

    name: ClassVar[str] = ""
    desks: ClassVar[int] = 1
    story: ClassVar[tuple[str, ...]] = ("contact.received", "call.arrived", "contact.queued", "offer.made")

    def __init__(self, people: People, at: int, agents: list[int]) -> None:
        self.people = people
        self.at = at
        self.agents = agents
        self.number = f"4420794610{at:02}"
        self.caller_number = f"+4420794602{at:02}"
        self.caller: SipPhone
        self.coin = False
        self.rang: list[int] = []

    # --- What it is made of

    @property
    def house(self) -> Exchange:
        return self.people.house

    @property
    def me(self) -> SipPhone:
        """The telephone of whoever has the call first."""
        return self.people.desks[self.agents[0]]

    @property
    def other(self) -> SipPhone:
        """The telephone of their colleague."""
        return self.people.desks[self.agents[1]]

    def agent(self, at: int = 0) -> str:
        """The id of one of its agents."""
        return self.house.agents[self.agents[at]]

    @property
    def row(self) -> dict[str, Any]:
        """The call as it stands."""
        found = [one for one in self.people.rows if one["number"] == self.caller_number]
        return found[-1] if found else {}

    def stands(self, state: str) -> Condition:
        """The call is in this state."""
        return (f"the call is {state}", lambda: self.row.get("state") == state)

    def hear(self, *phones: SipPhone) -> Condition:
        """All of these hear each other."""
        pairs = [(one, two) for one in phones for two in phones if one is not two]
        words = " and ".join(one.name for one in phones) + " hear each other"
        return (words, lambda: all(one.hears(two.hertz) for one, two in pairs))

    def music(self) -> Condition:
        """The caller hears something that is nobody's voice."""
        voices = [phone.hertz for phone in self.people.desks]
        return (
            "the caller hears music",
            lambda: (
                abs(self.caller.sound(0.5)).sum() > 0
                and not any(self.caller.hears(one, 100) for one in voices)
            ),
        )

    # --- Its life

    def prepare(self) -> None:
        """Before anything else: lines and menus."""
        self.house.do("own_line", code=self.name, agents=[self.agent(at) for at in range(self.desks)][:1])

    def new_round(self, caller: SipPhone, coin: bool) -> None:
        """A new caller. `coin`: which of two things people do."""
        self.caller, self.coin = caller, coin
        for at in self.agents:
            desk = self.people.desks[at]
            desk.state, desk.picks_up, desk.refuses = "idle", 0.1, 0
            if self.house.do("presence", agent=self.house.agents[at]) != "available":
                self.house.do("presence", agent=self.house.agents[at], state="available")
        self.rang = [self.people.desks[at].rang for at in self.agents]

    def ring(self) -> None:
        """They call."""
        self.caller.call(self.number, self.house.address, caller=self.caller_number)

    def begin(self) -> Steps:
        """To the edge of the state."""
        self.ring()
        yield self.stands("talking")
        yield self.hear(self.caller, self.me)

    def act(self) -> None:
        """The last step, a moment before the process dies."""

    def meanwhile(self) -> None:
        """What people do while nobody listens."""

    def after(self) -> Steps:
        """What is so again afterwards."""
        raise AssertionError("a state says what must be so")
        yield

    def hang_up(self) -> None:
        """Somebody ends it: the caller, or the agent."""
        (self.caller if self.coin else self.me).hang_up()

    def over(self) -> Steps:
        """It is over for everybody, and written down."""
        yield ("the caller's end is written down", lambda: self.row.get("state") in ENDED)
        phones = [self.caller, *(self.people.desks[at] for at in self.agents)]
        yield ("every telephone is on the hook", lambda: all(one.state in ("over", "idle") for one in phones))

    def once(self) -> None:
        """No telephone of theirs rang more than once."""
        rang = [
            self.people.desks[at].rang - before for at, before in zip(self.agents, self.rang, strict=True)
        ]
        assert max(rang) <= 1, f"{self.name}: the telephones rang {rang} times"
