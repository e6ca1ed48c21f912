"""Who may look at a wall: staff who may see the board, or a screen with its token in a cookie."""

from __future__ import annotations

from django.http import HttpRequest

from civicline.people.permissions import may
from civicline.web.live.board import WALL_COOKIE
from civicline.web.live.house import WALL_SECONDS, opens_wall

__all__ = ["WALL_COOKIE", "WALL_SECONDS", "opens_wall", "sees_wall"]


def sees_wall(request: HttpRequest) -> bool:
    """Whether this request comes from a supervisor, or from a screen that was set up."""
    if may(request.user, "board.read"):
        return True
    token = request.COOKIES.get(WALL_COOKIE, "")
    return bool(token) and opens_wall(token)
