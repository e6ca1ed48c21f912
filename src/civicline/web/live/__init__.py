"""The live edge: WebSockets for desks and chats, server-sent events for boards. It pushes hints, never content.

`docs/subsystems/live-edge.md` follows one hint end to end and holds the protocol.
"""

from civicline.web.live.doors import Doors, Staff
from civicline.web.live.edge import LiveEdge, uvicorn_options
from civicline.web.live.hub import Connection, Hub
from civicline.web.live.limits import Limits

__all__ = ["Connection", "Doors", "Hub", "Limits", "LiveEdge", "Staff", "uvicorn_options"]
