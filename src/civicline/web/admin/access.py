"""What stands before every page of administration: who asks, and refusals told as a page with a sentence."""

from __future__ import annotations

from collections.abc import Callable

from civicline.web.staff import View, guard, refusal_page, user_of, words_of

__all__ = ["admin_view", "user_of", "words_of"]


def admin_view(action: str) -> Callable[[View], View]:
    """Guard a view by the permission table, and tell every refusal as a page with a sentence."""
    return guard(action, tell=refusal_page)
