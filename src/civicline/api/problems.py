"""Every "no" of the interface: problem details (RFC 9457), one type for each kind, each with its explanation.

Words for programmers are English; sentences that a resident may be shown come from the services, in the language
that the request asks for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

CONTENT_TYPE = "application/problem+json"


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of problem, as the documentation lists it."""

    code: str
    status: int
    title: str
    meaning: str


KINDS: dict[str, Kind] = {
    kind.code: kind
    for kind in (
        Kind(
            "malformed", 400, "The request cannot be read", "The body is no JSON, or the address is broken."
        ),
        Kind("unauthorized", 401, "Who are you?", "No token, or one that is unknown, expired or revoked."),
        Kind(
            "forbidden",
            403,
            "Not with this token",
            "The token is good, but lacks the scope named in `scope`.",
        ),
        Kind("not-found", 404, "Not here", "There is nothing at this address that this caller may see."),
        Kind(
            "method-not-allowed", 405, "Not this way", "The header Allow lists the methods of this address."
        ),
        Kind("not-acceptable", 406, "Not in this form", "Answers are JSON; Accept leaves no room for it."),
        Kind("conflict", 409, "It has changed", "Somebody else was first. Read it again, then decide."),
        Kind("too-large", 413, "Too large", "A body has at most 1,000,000 bytes."),
        Kind(
            "unsupported-media-type", 415, "Not JSON", "Bodies are application/json in UTF-8, not compressed."
        ),
        Kind("invalid", 422, "Some values cannot be used", "`errors` names each one by its JSON pointer."),
        Kind(
            "key-reused",
            422,
            "This key was used for something else",
            "An Idempotency-Key belongs to one request with one body. Use a new key for another request.",
        ),
        Kind("rate-limited", 429, "Too many requests", "Wait as many seconds as Retry-After says."),
        Kind("internal", 500, "Our fault", "Something broke on our side. `request_id` helps us to find it."),
        Kind("unavailable", 503, "Not now", "Nothing was saved. Repeat the same request in a moment."),
    )
}


@dataclass(frozen=True, slots=True)
class Flaw:
    """One value that has to change: where it is (JSON pointer, or the name of a parameter), and what is wrong."""

    pointer: str
    detail: str
    parameter: str = ""

    def document(self) -> dict[str, str]:
        """The item of `errors`."""
        if self.parameter:
            return {"parameter": self.parameter, "detail": self.detail}
        return {"pointer": self.pointer, "detail": self.detail}


@dataclass(slots=True)
class Problem(Exception):
    """Raised anywhere below an endpoint; becomes the answer."""

    code: str
    detail: str = ""
    flaws: Sequence[Flaw] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    members: Mapping[str, Any] = field(default_factory=dict)
    status: int | None = None

    @property
    def kind(self) -> Kind:
        """What the documentation says of it."""
        return KINDS[self.code]

    def document(self, *, base: str, instance: str, request_id: str) -> dict[str, Any]:
        """The body of the answer. `base` is the address of the interface, without a slash at its end."""
        kind = self.kind
        said: dict[str, Any] = {
            "type": f"{base}/docs#problem-{kind.code}",
            "title": kind.title,
            "status": self.status or kind.status,
            "detail": self.detail or kind.meaning,
            "instance": instance,
            "request_id": request_id,
        }
        if self.flaws:
            said["errors"] = [flaw.document() for flaw in self.flaws]
        return {**said, **self.members}
