"""States in which more than the caller and their agent are in a call, or somebody outside is rung."""

from __future__ import annotations

from typing import Any

from tests.call_scene import Condition, Scene, Steps
from tests.sip_phone import SipPhone


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
