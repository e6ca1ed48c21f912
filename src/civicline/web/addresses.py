"""Addresses of views, worked out once for each: a page names thirty of them, and Django takes its time over each."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import get_language

KEPT = 8_192
"""So many addresses are kept, those asked for least recently dropped: some megabytes."""


def address(name: str, **given: Any) -> str:
    """The address of a named view, its parts by name, in the active language. Raises `NoReverseMatch`.

    All requests share one set of addresses, at the top of the host: what Django would ask for each is not asked.
    """
    return _address(name, tuple(given.items()), get_language(), settings.ROOT_URLCONF)


@lru_cache(maxsize=KEPT)
def _address(name: str, parts: tuple[tuple[str, Any], ...], language: str | None, urlconf: str) -> str:
    return reverse(name, kwargs=dict(parts))
