"""What stands before every view of planning: who may, about what, and refusals told as a page or a part."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from civicline.kernel.errors import NotFound
from civicline.routing import selectors as routing
from civicline.web.staff import View, guard, refusal_page, user_of, wants_parts, words_of

if TYPE_CHECKING:
    from civicline.routing.models import Queue

__all__ = ["load_queue", "planner_view", "user_of", "wants_parts", "words_of"]


def planner_view(action: str, *, obj: Callable[..., Any] | None = None) -> Callable[[View], View]:
    """Guard a view of planning by the permission table."""
    return guard(action, tell=refusal_page, obj=obj)


def load_queue(_request: HttpRequest, code: str) -> Queue:
    """The queue of an address."""
    queue = routing.get_queue(code)
    if queue is None:
        raise NotFound(_("There is no such queue."), code="queue-unknown")
    return queue
