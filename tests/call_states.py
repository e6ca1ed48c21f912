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


class Menu(Scene):
    """In the menu, before any key."""

    name = "menu"
    story = ("contact.received", "call.arrived", "contact.queued", "offer.made", "call.talking")

    def prepare(self) -> None:
        super().prepare()
        self.house.do("key_menu", code="menu", number=f"+{self.number}", queue="menu")

    def begin(self) -> Steps:
        self.ring()
        yield self.stands("ivr")
        yield ("the caller hears the menu", lambda: abs(self.caller.sound(0.5)).max(initial=0) > 500)

    def after(self) -> Steps:
        self.turn = 0
        yield ("the key leads out of the menu", self._pressed)
        yield self.stands("talking")
        yield self.hear(self.caller, self.me)

    def _pressed(self) -> bool:
        if self.row.get("state") != "ivr":
            return True
        self.turn += 1
        if self.turn % 20 == 1:  # as people do: once more after a second
            self.caller.press("1")
        return False


class Waiting(Scene):
    """In line, with music, at a place of one's own."""

    name = "queue"

    def new_round(self, caller: SipPhone, coin: bool) -> None:
        super().new_round(caller, coin)
        self.house.do("presence", agent=self.agent(), state="break")

    def begin(self) -> Steps:
        self.ring()
        yield self.stands("queued")
        yield self.music()
        self.place = self.row["queued_at"]

    def after(self) -> Steps:
        yield self.stands("queued")
        yield self.music()
        self.house.do("presence", agent=self.agent(), state="available")
        yield self.stands("talking")
        assert self.row["queued_at"] == self.place, "the place is kept"
        yield self.hear(self.caller, self.me)


class Ringing(Scene):
    """An agent's telephone rings; it is picked up while nobody listens, or afterwards."""

    name = "ringing"
    story = (*Scene.story, "call.phone_rang", "offer.accepted", "call.talking")

    def begin(self) -> Steps:
        self.me.picks_up = None
        self.ring()
        yield ("the desk rings", lambda: self.me.state == "ringing")

    def meanwhile(self) -> None:
        if self.coin:
            self.me.pick_up()

    def after(self) -> Steps:
        self.me.pick_up()
        yield self.stands("talking")
        yield self.hear(self.caller, self.me)


class Talk(Ringing):
    """Picked up a moment ago, or a while ago: they talk."""

    name = "talk"

    def act(self) -> None:
        self.me.pick_up()

    def meanwhile(self) -> None:
        """They talk."""

    def after(self) -> Steps:
        yield self.stands("talking")
        yield self.hear(self.caller, self.me)


class Hold(Scene):
    """The agent has put them on hold."""

    name = "hold"
    story = (*Scene.story, "call.talking", "call.held", "call.resumed")

    def act(self) -> None:
        self.house.do("verb", name="hold", contact=self.row["contact"], agent=self.agent())

    def after(self) -> Steps:
        yield self.stands("held")
        yield self.music()
        self.house.do("verb", name="resume", contact=self.row["contact"], agent=self.agent())
        yield self.hear(self.caller, self.me)


class PassedOn(Scene):
    """The agent passes the call on to another line."""

    name = "transfer"
    desks = 2
    story = (*Scene.story, "call.talking", "contact.transferred", "call.returned", "call.talking")

    def prepare(self) -> None:
        super().prepare()
        self.house.do("own_line", code="onward", agents=[self.agent(1)])

    def act(self) -> None:
        self.house.do("transfer", contact=self.row["contact"], agent=self.agent(), queue="onward")

    def after(self) -> Steps:
        yield ("the first agent is free", lambda: self.me.state == "over")
        yield self.hear(self.caller, self.other)
        yield self.stands("talking")
        assert self.row["agent"] == self.agent(1)

    def hang_up(self) -> None:
        (self.caller if self.coin else self.other).hang_up()


class Recorded(Scene):
    """The talk is recorded, in one piece, over the death of whoever began the recording."""

    name = "recording"
    story = (
        "contact.received",
        "call.recording_consent",
        "contact.queued",
        "offer.made",
        "call.recording_started",
    )

    def prepare(self) -> None:
        super().prepare()
        self.house.do("rule", queue=self.name, mode="always")

    def begin(self) -> Steps:
        yield from super().begin()
        yield ("a recording runs", lambda: self.row.get("recording"))

    def after(self) -> Steps:
        yield self.stands("talking")
        yield self.hear(self.caller, self.me)

    def over(self) -> Steps:
        yield from super().over()
        contact = self.row["contact"]
        kept: list[dict[str, Any]] = []

        def there() -> bool:
            kept[:] = self.house.do("recordings", contact=contact)
            return all(one["state"] == "kept" for one in kept)

        yield ("the recording is kept", there)
        assert len(kept) == 1, f"one talk, {len(kept)} recordings"
        assert kept[0]["seconds"] > 2, f"the recording has {kept[0]['seconds']} s"


class Consult(Scene):
    """The agent asks a colleague in, privately; then leaves the caller to them."""

    name = "consult"
    desks = 2
    story = (
        *Scene.story,
        "call.party_asked",
        "call.consult_answered",
        "call.taken_over",
        "contact.transferred",
    )

    def act(self) -> None:
        self._hand("consult", to_agent_id=self.agent(1))

    def after(self) -> Steps:
        yield self._party("private")
        yield self.hear(self.me, self.other)
        yield self.music()
        self._hand("complete", party_id=self.party)
        yield self.hear(self.other, self.caller)
        yield ("the first agent is free", lambda: self.me.state == "over")

    def hang_up(self) -> None:
        (self.caller if self.coin else self.other).hang_up()

    def _hand(self, name: str, **facts: str) -> None:
        self.house.do("hand", name=name, contact=self.row["contact"], agent=self.agent(), **facts)

    def _party(self, state: str) -> Condition:
        """Whoever was asked is in this state; their key is `party`."""

        def there() -> bool:
            found = self.house.do("company", contact=self.row["contact"])
            self.party = found[-1]["id"] if found else ""
            return bool(found) and found[-1]["state"] == state

        return (f"the party is {state}", there)


class Conference(Consult):
    """All three hear each other; then the first agent leaves."""

    name = "conference"
    story = (
        *Scene.story,
        "call.party_asked",
        "call.consult_answered",
        "call.party_joined",
        "call.taken_over",
    )

    def begin(self) -> Steps:
        yield from Scene.begin(self)
        self._hand("consult", to_agent_id=self.agent(1))
        yield self._party("private")
        yield self.hear(self.me, self.other)

    def act(self) -> None:
        self._hand("join", party_id=self.party)

    def after(self) -> Steps:
        yield self.hear(self.me, self.other, self.caller)
        self._hand("leave")
        yield self.hear(self.other, self.caller)


class Listening(Consult):
    """A supervisor hears both and is heard by nobody."""

    name = "listening"
    story = (*Scene.story, "call.talking", "call.monitored")

    def act(self) -> None:
        facts = {"way": "listen", "reason": "Coaching", "by": self.agent(1)}
        self.house.do("hand", name="monitor", contact=self.row["contact"], **facts)

    def after(self) -> Steps:
        yield (
            "the supervisor hears both",
            lambda: all(self.other.hears(one.hertz) for one in (self.me, self.caller)),
        )
        yield self.hear(self.me, self.caller)
        yield (
            "nobody hears them",
            lambda: not any(one.hears(self.other.hertz, 100) for one in (self.me, self.caller)),
        )

    def hang_up(self) -> None:
        (self.caller if self.coin else self.me).hang_up()


class Dialling(Scene):
    """The call back that somebody asked for rings outside; an agent waits on their telephone."""

    name = "callback"
    story = (
        "contact.received", "call.arrived", "contact.queued", "callback.asked", "call.to_be_called", "callback.dialled",
        "call.dialled", "callback.reached", "call.talking",
    )  # fmt: skip

    def prepare(self) -> None:
        super().prepare()
        self.house.do("offer_menu", code=self.name, number=f"+{self.number}", queue=self.name)
        self.house.do("calling_rule", queue=self.name, ring_seconds=60)

    def new_round(self, caller: SipPhone, coin: bool) -> None:
        super().new_round(caller, coin)
        self.house.do("presence", agent=self.agent(), state="break")
        home = self.people.home
        home.state, home.picks_up, self.rang_outside = "idle", None, home.rang

    def begin(self) -> Steps:
        self.ring()
        yield from self._asks("offer")
        self.caller.press("1")
        yield from self._asks("which")
        self.caller.press("1")
        yield ("it is booked", lambda: self._owed().get("state") == "waiting")
        self.caller.hang_up()
        yield self.stands("callback")
        self.house.do("presence", agent=self.agent(), state="available")
        yield ("it rings outside", lambda: self.people.home.state == "ringing")

    def meanwhile(self) -> None:
        if self.coin:
            self.people.home.pick_up()

    def after(self) -> Steps:
        self.people.home.pick_up()
        yield self.hear(self.people.home, self.me)
        yield self.stands("talking")
        owed = self._owed()
        assert (owed["state"], owed["tries"]) == ("reached", 1)
        assert self.people.home.rang == self.rang_outside + 1, "nobody was called twice"

    def hang_up(self) -> None:
        (self.people.home if self.coin else self.me).hang_up()

    def over(self) -> Steps:
        yield from super().over()
        yield ("outside nobody is on the line", lambda: self.people.home.state == "over")

    def _asks(self, phase: str) -> Steps:
        yield (
            f"it asks: {phase}",
            lambda: ((self.row.get("flow") or {}).get("position") or {}).get("phase") == phase,
        )

    def _owed(self) -> dict[str, Any]:
        found = [one for one in self.house.do("owed") if one["contact"] == self.row.get("contact")]
        return dict(found[-1]) if found else {}


SCENES: tuple[type[Scene], ...] = (
    Menu, Waiting, Ringing, Talk, Hold, PassedOn, Recorded, Consult, Conference, Listening, Dialling,
)  # fmt: skip
