"""What goes over a live connection: short JSON objects, hints only.

Server to client: ``{"topic", "id", "seq", "kind"}``, sometimes with `n` (a message's number) and `by` (who types).
Kinds that the edge itself sends have an empty topic: ``welcome`` and ``resync``. Client to server: ``hello``, ``auth``,
``watch``, ``unwatch``, ``typing``, ``got``, ``seen``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

# Close codes of the 4000 range are ours; each is the HTTP status with the same meaning.
MALFORMED: Final = 4400
SIGNED_OUT: Final = 4401
FORBIDDEN: Final = 4403
TOO_SLOW_TO_PROVE: Final = 4408
TOO_MANY: Final = 4429
EXCHANGE_AWAY: Final = 4503
# Of RFC 6455, 7.4.1: how a connection ends that nobody closed on purpose.
NO_STATUS: Final = 1005

MAX_MESSAGE_BYTES: Final = 16_384
MAX_FIELD: Final = 128
MAX_TOPICS: Final = 64  # more open contacts than a person can hold
# Only these leave the house; whatever else a publisher put into a bus message stays inside.
FIELDS: Final = ("topic", "id", "kind", "by")
# Hints about this very moment: not kept for a client that comes back later.
FLEETING: Final = frozenset({"typing", "line"})


class Malformed(ValueError):
    """A client said something that is not in the protocol."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a client said in one message. `hello` is the last `seq` it heard; `got` and `seen` are message numbers."""

    greets: bool = False
    hello: int | None = None
    epoch: str = ""
    auth: str = ""
    watch: tuple[str, ...] = ()
    unwatch: tuple[str, ...] = ()
    typing: bool = False
    contact: str = ""
    got: int = 0
    seen: int = 0


def hint(message: Mapping[str, Any], seq: int) -> str:
    """A bus message as clients get it, with the edge's own `seq`. Only chosen fields: content can not slip through."""
    chosen: dict[str, Any] = {
        name: str(message[name])[:MAX_FIELD] for name in FIELDS if message.get(name) is not None
    }
    if isinstance(message.get("n"), int):  # a message's number in its contact: a client fetches what follows
        chosen["n"] = message["n"]
    chosen["seq"] = seq
    return json.dumps(chosen, separators=(",", ":"))


def own(kind: str, epoch: str, seq: int) -> str:
    """A message of the edge itself: `welcome` or `resync`, with where its counting stands."""
    return json.dumps({"topic": "", "kind": kind, "epoch": epoch, "seq": seq}, separators=(",", ":"))


def parse(text: str | None) -> Said:
    """What the client said. Raises `Malformed` for anything that is not in the protocol."""
    if text is None or len(text) > MAX_MESSAGE_BYTES:
        raise Malformed("a text message of at most 16 KiB")
    try:
        raw = json.loads(text)
    except (ValueError, RecursionError) as wrong:
        raise Malformed("not JSON") from wrong
    if not isinstance(raw, dict):
        raise Malformed("not an object")
    return Said(
        greets="hello" in raw,
        hello=_number(raw, "hello") if raw.get("hello") is not None else None,
        epoch=_text(raw, "epoch"),
        auth=_text(raw, "auth", limit=4_096),
        watch=_topics(raw, "watch"),
        unwatch=_topics(raw, "unwatch"),
        typing=raw.get("typing") is True,
        contact=_text(raw, "contact"),
        got=_number(raw, "got"),
        seen=_number(raw, "seen"),
    )


def _text(raw: Mapping[str, Any], name: str, limit: int = MAX_FIELD) -> str:
    value = raw.get(name, "")
    if not isinstance(value, str) or len(value) > limit:
        raise Malformed(f"{name} is a text of at most {limit} characters")
    return value


def _number(raw: Mapping[str, Any], name: str) -> int:
    value = raw.get(name, 0)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 2**53:
        raise Malformed(f"{name} is a whole number")
    return value


def _topics(raw: Mapping[str, Any], name: str) -> tuple[str, ...]:
    value = raw.get(name, [])
    if not isinstance(value, list) or len(value) > MAX_TOPICS:
        raise Malformed(f"{name} is a list of at most {MAX_TOPICS} topics")
    if not all(isinstance(topic, str) and len(topic) <= MAX_FIELD for topic in value):
        raise Malformed(f"{name} holds texts")
    return tuple(value)
