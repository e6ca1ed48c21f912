"""`/live/desk`: the socket of a signed-in member of staff."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from civicline.web.live import origins, protocol
from civicline.web.live.doors import Staff
from civicline.web.live.hub import Connection
from civicline.web.live.socket import Receive, Send, Socket
from civicline.web.live.typists import Typists

if TYPE_CHECKING:
    from civicline.web.live.edge import LiveEdge

# What staff may ask to hear beside their own topics; each single one is asked of the permissions.
ON_REQUEST = ("contact:", "case:")
MOST_WATCHED = 64


class DeskSocket:
    """Serves desks. One member of staff may have several open: every tab hears the same."""

    def __init__(self, edge: LiveEdge) -> None:
        self._edge = edge
        self._typists = Typists(edge.limits.typing_every)
        self._open: dict[Connection, tuple[str, Staff, Socket]] = {}

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        """ASGI: one connection from handshake to end."""
        edge = self._edge
        socket = Socket(receive, send)
        if not origins.is_own(scope, edge.allowed_hosts):
            await socket.refuse()
            return
        await socket.accept()
        session = origins.cookies(scope).get(edge.session_cookie, "")
        staff = await edge.ask(edge.doors.staff_of, session) if session else None
        if staff is None:
            await socket.close(protocol.SIGNED_OUT)
            return
        with edge.doorkeeper.admitted("desk", origins.address(scope), session) as admitted:
            if admitted:
                await self._serve(socket, session, staff)
            else:
                await socket.close(protocol.TOO_MANY)

    async def _serve(self, socket: Socket, session: str, staff: Staff) -> None:
        edge = self._edge
        connection = Connection(edge.hub, socket.send)
        topics = [f"user:{staff.user_id}"]
        if staff.is_agent:
            topics.append(f"agent:{staff.user_id}")
        if staff.sees_board:
            topics.append("board")
        edge.hub.add(connection, topics)
        self._open[connection] = (session, staff, socket)
        if staff.is_agent:
            edge.presence.arrived(staff.user_id)
        try:
            await socket.send(edge.hub.own("welcome"))
            async for said in socket.said(edge.limits):
                await self._heed(connection, staff, said)
        except (OSError, RuntimeError):
            pass  # the peer vanished in the middle of a send
        finally:
            edge.hub.remove(connection)
            self._open.pop(connection, None)
            if staff.is_agent:
                edge.presence.left(staff.user_id)

    async def _heed(self, connection: Connection, staff: Staff, said: protocol.Said) -> None:
        edge = self._edge
        for topic in said.unwatch:
            if topic.startswith(ON_REQUEST):
                edge.hub.unwatch(connection, topic)
        for topic in said.watch:
            if await self._may_watch(connection, staff, topic):
                edge.hub.watch(connection, topic)
        if said.greets:  # after `watch`: one message can ask for topics and for what was missed on them
            edge.hub.catch_up(connection, said.hello, said.epoch)
        topic = f"contact:{said.contact}"
        if said.typing and topic in connection.topics and self._typists.is_news(said.contact, staff.user_id):
            edge.tell(topic, {"topic": topic, "id": said.contact, "kind": "typing", "by": "staff"})

    async def _may_watch(self, connection: Connection, staff: Staff, topic: str) -> bool:
        if topic in connection.topics or not topic.startswith(ON_REQUEST):
            return False
        if len(connection.topics) >= MOST_WATCHED:
            return False
        return await self._edge.ask(self._edge.doors.may_watch, staff.user_id, topic)

    async def check_sessions(self) -> None:
        """Close the desks of those whose session ended or changed hands, and drop topics that are no longer theirs."""
        answers: dict[str, Staff | None] = {}
        for connection, (session, staff, socket) in list(self._open.items()):
            if session not in answers:
                answers[session] = await self._edge.ask(self._edge.doors.staff_of, session)
            if answers[session] != staff:
                # A changed role too: the client connects again and gets the topics of today.
                await socket.close(protocol.SIGNED_OUT)
                continue
            for topic in [one for one in connection.topics if one.startswith(ON_REQUEST)]:
                if not await self._edge.ask(self._edge.doors.may_watch, staff.user_id, topic):
                    self._edge.hub.unwatch(connection, topic)
