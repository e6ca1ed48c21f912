"""`/live/chat/<contact id>`: the socket of a resident's chat."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from uuid import UUID

import structlog

from civicline.web.live import line, origins, protocol
from civicline.web.live.hub import Connection
from civicline.web.live.socket import Receive, Send, Socket
from civicline.web.live.typists import Typists

if TYPE_CHECKING:
    from civicline.web.live.edge import LiveEdge

LOG = structlog.get_logger(__name__)

# Set by the chat's pages, with its path being this socket's address: scripts never see the secret.
SECRET_COOKIE = "chat_secret"  # noqa: S105 - the cookie's name


class ChatSocket:
    """Serves residents. The secret comes in the cookie of this path, or in a first message ``{"auth": secret}``."""

    def __init__(self, edge: LiveEdge) -> None:
        self._edge = edge
        self._typists = Typists(edge.limits.typing_every)

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        """ASGI: one connection from handshake to end."""
        edge = self._edge
        socket = Socket(receive, send)
        address = origins.address(scope)
        if not origins.is_own(scope, edge.allowed_hosts, edge.origins):
            await socket.refuse()
            return
        await socket.accept()
        contact_id = await self._proved(scope, socket)
        if contact_id is None:
            return
        with edge.doorkeeper.admitted("chat", address, contact_id) as admitted:
            if admitted:
                await self._serve(socket, contact_id)
            else:
                await socket.close(protocol.TOO_MANY)

    async def _proved(self, scope: dict[str, Any], socket: Socket) -> str | None:
        """The contact's id once its secret was shown; None when the socket was closed for want of it."""
        edge = self._edge
        secret = origins.cookies(scope).get(SECRET_COOKIE, "")
        if not secret:
            text = await socket.hear_within(edge.limits.prove_within)
            if text is None:
                await socket.close(protocol.TOO_SLOW_TO_PROVE)
                return None
            try:
                secret = protocol.parse(text).auth
            except protocol.Malformed:
                await socket.close(protocol.MALFORMED)
                return None
        try:
            contact_id = str(UUID(scope["path_params"]["contact_id"]))
        except ValueError:
            contact_id = ""
        # One answer for a wrong secret and for a contact that is not there: ids can not be tried out.
        if not contact_id or not secret or not await edge.ask(edge.doors.opens_contact, contact_id, secret):
            await socket.close(protocol.SIGNED_OUT)
            return None
        return contact_id

    async def _serve(self, socket: Socket, contact_id: str) -> None:
        edge = self._edge
        connection = Connection(edge.hub, socket.send)
        edge.hub.add(connection, [f"contact:{contact_id}", line.TOPIC])
        try:
            await socket.send(edge.hub.own("welcome"))
            async for said in socket.said(edge.limits):
                await self._heed(connection, contact_id, said)
        except (OSError, RuntimeError):
            pass  # the peer vanished in the middle of a send
        finally:
            edge.hub.remove(connection)

    async def _heed(self, connection: Connection, contact_id: str, said: protocol.Said) -> None:
        edge = self._edge
        if said.greets:
            edge.hub.catch_up(connection, said.hello, said.epoch)
        if said.got:
            await self._note(edge.doors.got, contact_id, said.got)
        if said.seen:
            await self._note(edge.doors.seen, contact_id, said.seen)
        if said.typing and self._typists.is_news(contact_id, "resident"):
            topic = f"contact:{contact_id}"
            edge.tell(topic, {"topic": topic, "id": contact_id, "kind": "typing", "by": "resident"})

    async def _note(self, door: Callable[[str, int], None], contact_id: str, number: int) -> None:
        """Write down what a browser has. A busy database must not end the chat: the browser says it again."""
        try:
            await self._edge.ask(door, contact_id, number)
        except Exception:
            LOG.exception("live_receipt_failed", contact_id=contact_id, number=number)
