"""All calls of one connection to the exchange: events and hints go to the call they are about."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Coroutine, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

import structlog

from civicline.channels.voice import at_door, calling, outside, selectors, services
from civicline.channels.voice.ari.client import Ari, AriGone, AriRefused, in_path
from civicline.channels.voice.ari.messages import (
    Changed,
    Channel,
    Destroyed,
    Digit,
    Event,
    Left,
    PlaybackOver,
    RecordingOver,
    Started,
)
from civicline.channels.voice.control import legs, listening, names, vanished
from civicline.channels.voice.control.callbacks_kept import Owed
from civicline.channels.voice.control.consent import Rulebook
from civicline.channels.voice.control.ear import end_ears, media_address, recogniser_of
from civicline.channels.voice.control.kept import Kept
from civicline.channels.voice.control.ledger import Ledger
from civicline.channels.voice.control.line import Line, Step
from civicline.channels.voice.control.menu import menu_of
from civicline.channels.voice.control.spool import Spool
from civicline.channels.voice.flows.front import front_for
from civicline.channels.voice.flows.menus import Menu
from civicline.kernel import bus
from civicline.kernel.errors import Refused, Unavailable
from civicline.people import services as people

if TYPE_CHECKING:
    from civicline.channels.voice.models import Call
    from civicline.config.options import Configuration

LOG = structlog.get_logger(__name__)
CONTACT: Final = "contact:"
SEEN_EVERY_S: Final = 10.0
MESSAGES_EVERY_S: Final = 5.0
TEXTS_EVERY_S: Final = 1.0
ARRIVES: Final = "in"
MENUS_KEPT_S: Final = 2.5
OWED_KEPT_S: Final = 2.5
KNOWN_S: Final = 10.0
SPARE_LINES: Final = 30
"""Beyond the most: callers hear that every line is taken, and may be called back or leave a message."""


class Switchboard:
    """The calls in hand of this process. Belongs to one event loop; `hear` alone may be called from other threads."""

    def __init__(self, ari: Ari, rows: Ledger, conf: Configuration, app: str) -> None:
        self.ari = ari
        self.rows = rows
        self.app = app
        self.language = conf.languages[0]
        self.rulebook = Rulebook(rows)
        self.recogniser = recogniser_of(conf)
        self.media = media_address(conf)
        self.spool = Spool(ari, conf.voice_folder / "spool")
        self.most = conf.voice_lines
        self.owed = Owed(self)
        self.lines: dict[str, Line] = {}
        self.legs: dict[str, Line] = {}
        self.contacts: dict[str, Line] = {}
        self.calls: dict[UUID, Line] = {}
        self.never_dialled: set[str] = set()  # legs ended after a crash, by the exchange's own names
        self._menus = Kept(self._ask_menu, seconds=MENUS_KEPT_S)
        self._owed_numbers = Kept(self._ask_owed, seconds=OWED_KEPT_S)
        self._errands: set[asyncio.Task[None]] = set()
        self._services = dict(one.partition("=")[::2] for one in conf.voice_numbers)
        self._loop = asyncio.get_running_loop()

    def service_of(self, called: str) -> str | None:
        """The service that a number stands for."""
        return self._services.get(called) or None

    # --- Hints

    def hear(self, hint: Mapping[str, Any]) -> None:
        """A hint of the bus, on whatever thread: only those about calls in hand go further."""
        topic = str(hint.get("topic", ""))
        if topic == bus.RESYNC:
            self._loop.call_soon_threadsafe(self.look_at_all)
            return
        if topic.startswith(at_door.TOPIC):
            self._loop.call_soon_threadsafe(self._end_calls_of, at_door.Gone.read(hint))
            return
        if hint.get("kind") == "owed":
            self._loop.call_soon_threadsafe(self.owed.changed)
        line = self.contacts.get(topic.removeprefix(CONTACT))
        if line is not None:
            self._loop.call_soon_threadsafe(line.look)

    def _end_calls_of(self, gone: at_door.Gone) -> None:
        self.errand(vanished.end_calls_of(self.ari, self.rows, gone))

    def look_at_all(self) -> None:
        """Hints may have been lost."""
        for line in self.lines.values():
            line.look()

    # --- Events

    def take(self, event: Event) -> None:
        """One event of the exchange."""
        channel = getattr(event, "channel", None)
        if isinstance(channel, Channel) and channel.name in self.never_dialled:
            return  # our name of it is that of a new leg by now
        match event:
            case Started():
                self._started(event)
            case Changed(channel) if channel.up and channel.id in self.legs:
                self._to_leg(channel.id, legs.picked_up)
            case Changed(channel) if channel.up and channel.id in self.owed.legs:
                self.owed.legs[channel.id].post(self.owed.legs[channel.id].outside_up)
            case Left(channel) | Destroyed(channel):
                self._gone(channel, event.cause if isinstance(event, Destroyed) else None)
            case RecordingOver():
                self._recorded(event)
            case Digit(channel, digit):
                self._key(channel.id, digit)
            case PlaybackOver():
                self._playback_over(event)
            case _:
                pass

    def _started(self, event: Started) -> None:
        channel = event.channel
        if channel.id in self.owed.legs:
            self.owed.ready(channel.id)
        elif channel.id in self.lines or names.call_of(channel.id) is not None:
            line = self.legs.get(channel.id)
            leg = legs.leg_of(line, channel.id) if line is not None else None
            if leg is not None:
                leg.ready.set()  # it can be dialled; that it was picked up is told apart
        elif event.args[:1] == (ARRIVES,):
            self.arrives(channel, event.args[1] if len(event.args) > 1 else channel.exten)

    def arrives(self, channel: Channel, called: str) -> None:
        """A caller is there."""
        crowded = len(self.lines) >= self.most
        if crowded:
            LOG.warning("call.too_many", most=self.most)
        if len(self.lines) >= self.most + SPARE_LINES:
            self.errand(self._to_the_machine(channel.id))
            return
        line = self.lines[channel.id] = Line(self, channel)
        line.crowded = crowded
        line.post(line.arrive, called)

    async def _to_the_machine(self, channel: str) -> None:
        """Even the lines for saying so are taken: the answering machine of the exchange."""
        await self.ari.request(
            "POST", f"channels/{in_path(channel)}/continue", context="message", extension="s", priority=1
        )

    def _gone(self, channel: Channel, cause: int | None) -> None:
        line = self.lines.get(channel.id)
        if line is not None:
            line.post(line.caller_gone)
        elif cause is not None and channel.id in self.owed.legs:
            self.owed.legs[channel.id].post(self.owed.legs[channel.id].outside_gone, cause)
        elif cause is not None and channel.id in self.legs:
            self._to_leg(channel.id, legs.gone, cause)

    def _to_leg(self, leg_id: str, step: Step, *args: object) -> None:
        line = self.legs[leg_id]
        line.post(step, line, leg_id, *args)

    def _in_menu(self, channel: str, step: str, *args: str) -> None:
        line = self.lines.get(channel)
        if line is not None and line.menu is not None:
            line.post(getattr(line.menu, step), *args)

    def _key(self, channel: str, digit: str) -> None:
        line = self.lines.get(channel)
        if line is not None and line.asking is not None:
            line.post(line.asking.key, digit)
        elif line is not None and line.room.bridged:
            line.post(line.room.recorder.key, digit)
        else:
            self._in_menu(channel, "key", digit)

    def _playback_over(self, event: PlaybackOver) -> None:
        call_id = names.read_playback(event.id)
        line = self.calls.get(call_id) if call_id else None
        if line is not None and line.asking is not None and line.asking.playback == event.id:
            line.post(line.asking.heard)
        elif line is not None:
            self._in_menu(line.caller, "playback_over", event.id)

    async def crowded_menu(self, called: str) -> Menu | None:
        """What is said where every line is taken."""
        return await self.rows(front_for, self.service_of(called) or "", crowded=True)

    async def menu_of(self, called: str, caller: str = "") -> Menu | None:
        """The menu that answers a number, as it was published some seconds ago.

        Where there is none, whoever is owed a call hears of it: who that is was looked up some seconds ago as well.
        """
        menu = await self._menus.of(called)
        published = menu is not None and menu.version is not None
        owed = frozenset() if published or not caller else await self._owed_numbers.of(None)
        if not owed or outside.clean(caller) not in owed:
            return menu
        return (await self.rows(menu_of, None, called, self.service_of(called) or "", caller))[0]

    async def _ask_owed(self, _all: None) -> frozenset[str]:
        return await self.rows(calling.numbers_owed)

    async def _ask_menu(self, called: str) -> Menu | None:
        return (await self.rows(menu_of, None, called, self.service_of(called) or ""))[0]

    def _recorded(self, event: RecordingOver) -> None:
        """A recording is on disk, perhaps after its call was over."""
        self.errand(self.spool.keep(event.name))

    def errand(self, work: Coroutine[Any, Any, object]) -> None:
        """Something short that belongs to no call in hand."""

        async def run() -> None:
            try:
                await work
            except (AriGone, AriRefused, Refused) as error:
                LOG.info("voice.errand_refused", why=str(error))

        task = asyncio.create_task(run())
        self._errands.add(task)
        task.add_done_callback(self._errands.discard)

    def forget(self, line: Line) -> None:
        """The call is over."""
        self.lines.pop(line.caller, None)
        # Whoever hung up to be called back has a line of another kind by now.
        if self.contacts.get(str(line.contact_id)) is line:
            del self.contacts[str(line.contact_id)]
        if line.call_id is not None and self.calls.get(line.call_id) is line:
            del self.calls[line.call_id]
        for leg in (line.leg, *line.guests.values()):
            if leg is not None and self.legs.get(leg.id) is line:
                del self.legs[leg.id]

    def close(self) -> None:
        """Let go of all calls: they go on in the exchange."""
        for line in self.lines.values():
            line.close()
        self.owed.close()
        self.spool.close()

    async def tell_presence(self) -> None:
        """Whoever talks is there, whatever became of their browser."""
        while True:
            talking = {
                line.leg.agent_id for line in self.lines.values() if line.leg is not None and line.leg.up
            }
            if talking:
                with contextlib.suppress(Unavailable):
                    await self.rows(people.agents_seen, agent_ids=talking)
            await asyncio.sleep(SEEN_EVERY_S)

    async def take_messages(self) -> None:
        """What callers left or what was recorded, now and from the time when nobody listened."""
        due = 0.0
        while True:
            await self.spool.take_texts()
            if self._loop.time() >= due:
                due = self._loop.time() + MESSAGES_EVERY_S
                await self.spool.sweep()
            await asyncio.sleep(TEXTS_EVERY_S)

    # --- After a connect: what was missed

    async def reconcile(self) -> None:
        """Compare the exchange with the database: callers who left have left, orphans end, all others go on."""
        told = await self.ari.request("GET", "channels")
        channels = {one.id: one for one in map(Channel.read, told) if not one.name.startswith("Message/")}
        bridges = {str(one["id"]): list(one["channels"]) for one in await self.ari.request("GET", "bridges")}
        calls = await self.rows(selectors.live_calls)
        ended = 0
        for call in calls:
            if call.channel in channels:
                self._restore(call, channels, bridges)
            else:
                await self.rows(services.caller_gone, call_id=call.id, reason="lost")
                ended += 1
        await self._know_all()
        await self.owed.restore(channels)
        orphans = await self._end_orphans(channels, bridges) + await end_ears(self.ari, channels, bridges)
        met = self._meet_strangers(channels)
        self.look_at_all()
        LOG.info("voice.reconciled", resumed=len(self.lines) - met, met=met, ended=ended, orphans=orphans)

    async def _know_all(self) -> None:
        """Wait until each call knows its legs and its menu: an event that came before would be nobody's."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(KNOWN_S):
                await asyncio.gather(*(line.known.wait() for line in self.lines.values()))

    def _restore(
        self, call: Call, channels: Mapping[str, Channel], bridges: Mapping[str, Sequence[str]]
    ) -> None:
        line = self.lines[call.channel] = Line(self, channels[call.channel])
        line.known_as(call.id, call.contact_id)
        line.room.found(
            talk=bridges.get(names.bridge(call.id), ()), beside=bridges.get(names.beside(call.id), ())
        )
        line.room.muted = call.muted
        if line.channel.args[:1] == (ARRIVES,) and not line.channel.up:
            line.answer()  # written down by a process that died before it could
        watched = [one for one in bridges if one.startswith(names.WATCH) and names.call_of(one) == call.id]
        line.post(listening.sweep, line, watched)
        line.post(
            line.take_up,
            [one for one in channels.values() if names.call_of(one.id) == call.id and one.id != call.channel],
        )

    async def _end_orphans(
        self, channels: Mapping[str, Channel], bridges: Mapping[str, Sequence[str]]
    ) -> int:
        """Legs and rooms of calls that are over."""
        known = {line.call_id for line in self.lines.values()} | set(self.owed.lines)
        found = [*(f"channels/{in_path(one)}" for one in channels), *(f"bridges/{one}" for one in bridges)]
        orphans = 0
        for uri in found:
            call_id = names.call_of(uri.partition("/")[2])
            if call_id is None or call_id in known:
                continue
            orphans += 1
            try:
                await self.ari.request("DELETE", uri)
            except AriRefused as refused:
                LOG.info("voice.orphan_gone", why=str(refused))
        return orphans

    def _meet_strangers(self, channels: Mapping[str, Channel]) -> int:
        """Callers who came to us while nobody listened."""
        strangers = [
            one for one in channels.values()
            if one.app == self.app and one.args[:1] == (ARRIVES,) and one.id not in self.lines
        ]  # fmt: skip
        for channel in strangers:
            self.arrives(channel, channel.args[1] if len(channel.args) > 1 else channel.exten)
        return len(strangers)
