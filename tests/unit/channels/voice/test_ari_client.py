"""An exchange that does not answer is an exchange that is gone: nobody goes on with half of it."""

from __future__ import annotations

import asyncio

import pytest
from websockets.asyncio.server import ServerConnection, serve

from civicline.channels.voice.ari import client
from civicline.channels.voice.ari.client import Address, AriGone


async def _says_nothing(socket: ServerConnection) -> None:
    async for _order in socket:
        pass


async def _asked_once() -> bool:
    """Ask, and hear no answer; whether the connection ended with it."""
    async with serve(_says_nothing, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        async with client.connect(
            Address(f"http://127.0.0.1:{port}", user="civicline", password="secret", app="civicline")
        ) as ari:
            with pytest.raises(AriGone, match="no answer"):
                await ari.request("GET", "channels")
            async with asyncio.timeout(10):
                return [one async for one in ari.events()] == []


def test_a_request_without_an_answer_ends_the_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "PATIENCE_S", 0.05)
    assert asyncio.run(_asked_once())
