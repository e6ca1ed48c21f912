"""One call in each state that a call may be in (see `call_scene`)."""

from __future__ import annotations

from typing import Any

from tests.call_scene import Scene, Steps
from tests.call_states_company import Conference, Consult, Dialling, Listening
from tests.sip_phone import SipPhone


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


SCENES: tuple[type[Scene], ...] = (
    Menu, Waiting, Ringing, Talk, Hold, PassedOn, Recorded, Consult, Conference, Listening, Dialling,
)  # fmt: skip
