"""How often one visitor or one chat may do what costs something."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from civicline.kernel import limits
from civicline.kernel.limits import Limit


class TooOften(limits.TooOften):
    """Come back in `retry_after` seconds, with what was written."""

    default_text = _(
        "That was very fast. Wait %(seconds)s seconds, then send it again. What you wrote is kept."
    )


STARTS = Limit("start", 30, 600)  # from one address: a library or a school has many people behind one
MESSAGES = Limit("say", 40, 60)  # in one chat
FILES = Limit("file", 20, 600)  # in one chat
READS = Limit("read", 240, 60)  # in one chat: several tabs that follow every hint
TRIES = Limit("try", 60, 600)  # from one address, with a wrong secret


def address_of(request: HttpRequest) -> str:
    """Return where the visitor is; the server has resolved trusted proxies."""
    return str(request.META.get("REMOTE_ADDR", ""))


def spend(limit: Limit, who: object) -> None:
    """Count one deed. Raises `TooOften` past the limit."""
    limits.spend(limit, str(who), door="chat", refusal=TooOften)
