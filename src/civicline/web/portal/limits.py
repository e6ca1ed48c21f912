"""How often one visitor may try what costs something or could be guessed."""

from __future__ import annotations

from django.http import HttpRequest

from civicline.kernel import limits
from civicline.kernel.limits import Limit, TooOften

__all__ = ["TooOften", "address_of", "spend"]

LOOKS = Limit(
    "look", 60, 600
)  # look-ups of a reference from one address: a library has many people behind one
MISSES = Limit("miss", 10, 3600)  # wrong secrets for one reference, whether there is such a reference or not
LINKS = Limit("link", 60, 600)  # links with a secret, from one address
BEGINS = Limit("begin", 60, 3600)  # forms begun, from one address
SENDS = Limit("send", 30, 3600)  # forms sent, words added and judgements given, from one address
CALLS = Limit(
    "call", 20, 600
)  # lines asked for, from one address: each call takes one, a lost network another
LOOKS_IN = Limit(
    "look-in", 3000, 600
)  # looks of pages that call with a picture: each looks every second or two while it is on
SEARCHES = Limit("search", 120, 60)


def address_of(request: HttpRequest) -> str:
    """Where the visitor is; the server has resolved trusted proxies."""
    return str(request.META.get("REMOTE_ADDR", ""))


def spend(limit: Limit, who: str) -> None:
    """Count one deed of `who`. Raises `TooOften` past the limit."""
    limits.spend(limit, who, door="portal")
