"""A caller who may speak instead of pressing a key: what they say goes from the exchange to a recogniser.

The exchange copies what the caller says (snoop) into a channel whose other end is a WebSocket (chan_websocket), which
we read. Everything is named after the call and made for one answer only; the next process ends what a killed one left.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Final

import structlog
from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException

from civicline.channels.voice.ari.client import Ari, AriGone, AriRefused, in_path
from civicline.channels.voice.ari.messages import Channel
from civicline.channels.voice.crew import address
from civicline.channels.voice.recognition import Recogniser, maker
from civicline.kernel.errors import Unavailable

if TYPE_CHECKING:
    from civicline.channels.voice.control.line import Line
    from civicline.config.options import Configuration

LOG = structlog.get_logger(__name__)
LISTEN: Final = "listen-"
OPEN_S: Final = 3.0
SOON_S: Final = 0.02
KEYS: Final = frozenset("0123456789*#")
Told = Callable[[str], Awaitable[None]]


class Ear:
    """Listens to one caller, one answer at a time."""

    def __init__(self, line: Line, make: type[Recogniser], media: str) -> None:
        self._line = line
        self._make = make
        self._media = media
        self._task: asyncio.Task[None] | None = None
        self._number = 0

    def begin(self, language: str, told: Told) -> None:
        """Listen from now on; `told` gets the keys in the line's own box."""
        self.end()
        self._number += 1
        self._task = asyncio.create_task(self._listen(self._number, language, told))

    def end(self) -> None:
        """Nothing more is to be understood."""
        if self._task is not None:
            self._task.cancel()
            self._task = None

    async def _listen(self, number: int, language: str, told: Told) -> None:
        call = self._line.call_id
        name = f"{LISTEN}{call.hex if call else ''}-{number}"
        try:
            text = await self._understood(name, language)
            keys = "".join(sign for sign in text if sign in KEYS)[:32]
            if keys:
                self._line.post(told, keys)
        except (AriGone, AriRefused, OSError, WebSocketException, TimeoutError) as fault:
            LOG.info("call.not_heard", why=str(fault) or type(fault).__name__)
        except Exception:  # a plug-in's own: keys go on working
            LOG.exception("call.recogniser_failed", call_id=str(call))
        finally:
            await asyncio.shield(self._clear(name))

    async def _understood(self, name: str, language: str) -> str:
        ari, app = self._line.board.ari, self._line.board.app
        await ari.request(
            "POST", "channels/externalMedia", channelId=f"{name}-out", app=app, external_host="INCOMING",
            encapsulation="none", transport="websocket", connection_type="server", format="slin16",
        )  # fmt: skip
        told = await ari.request(
            "GET", f"channels/{name}-out/variable", variable="MEDIA_WEBSOCKET_CONNECTION_ID"
        )
        url = f"{self._media}/media/{in_path(str(told['value']))}"
        async with connect(url, subprotocols=["media"], open_timeout=OPEN_S, proxy=None) as socket:  # type: ignore[list-item]  # a plain name
            await ari.request("POST", f"bridges/{name}", type="mixing")
            await ari.request(
                "POST", f"channels/{in_path(self._line.caller)}/snoop/{name}-in", spy="in", app=app, appArgs="listen"
            )  # fmt: skip
            await self._join(name)

            async def sound() -> AsyncIterator[bytes]:
                async for piece in socket:
                    if isinstance(piece, bytes):
                        yield piece

            return await self._make().listen(sound(), language)

    async def _join(self, name: str) -> None:
        """Both ends come into our hands a moment after they were made."""
        async with asyncio.timeout(OPEN_S):
            while True:
                try:
                    await self._line.board.ari.request(
                        "POST", f"bridges/{name}/addChannel", channel=f"{name}-in,{name}-out"
                    )
                except AriRefused as refused:
                    if refused.status not in (409, 422):
                        raise
                    await asyncio.sleep(SOON_S)
                else:
                    return

    async def _clear(self, name: str) -> None:
        with contextlib.suppress(AriGone):
            for uri in (f"channels/{name}-in", f"channels/{name}-out", f"bridges/{name}"):
                await self._line.quietly("DELETE", uri)


def recogniser_of(conf: Configuration) -> type[Recogniser] | None:
    """What this installation understands callers with; a fault is told in the log, and keys go on working."""
    try:
        return maker(conf.voice_recogniser)
    except Unavailable as fault:
        LOG.warning("voice.no_recogniser", why=fault.message())
        return None


def media_address(conf: Configuration) -> str:
    """Where the exchange's WebSockets for sound are."""
    url = address(conf).url.rstrip("/")
    return f"ws{url.removeprefix('http')}"


async def end_ears(ari: Ari, channels: Mapping[str, Channel], bridges: Mapping[str, Sequence[str]]) -> int:
    """End what a process before this one listened with; how many parts there were."""
    left = [
        *(f"channels/{one}" for one in channels if one.startswith(LISTEN)),
        *(f"bridges/{one}" for one in bridges if one.startswith(LISTEN)),
    ]
    for uri in left:
        with contextlib.suppress(AriRefused):
            await ari.request("DELETE", uri)
    return len(left)
