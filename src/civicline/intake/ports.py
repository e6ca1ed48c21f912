"""The one port through which every channel comes in and goes out.

An adapter turns what arrived into an `Inbound` and sends an `Outbound`; it never touches models. What it must
guarantee is written as a test: tests/contract/test_channel_adapters.py runs the same suite against each adapter.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol
from uuid import UUID


@dataclass(frozen=True, slots=True)
class ResidentFacts:
    """What a channel knows of the person. Everything may be empty: nobody has to say who they are to ask."""

    name: str = ""
    email: str = ""
    phone: str = ""
    language: str = ""
    needs: tuple[str, ...] = ()
    external_id: str = ""

    @property
    def known(self) -> bool:
        """Whether anything was said by which the person could be met again, or named."""
        return any((self.name, self.email, self.phone, self.external_id))


@dataclass(frozen=True, slots=True)
class Inbound:
    """One contact as it arrived.

    `languages` in order of preference (BCP 47 tags); `key` makes a repeat harmless within the channel: the same
    key with the same content finds the first contact again, with other content it is refused. `at` is when it
    reached the body, if that was before now (a letter's scan, an import). `skills`: (code, least level) that the
    channel itself asks of whoever takes it, beyond those of the service. `later`: the channel still asks the resident
    something and puts them into a line itself (a telephone menu).
    """

    channel: str
    text: str
    service_code: str | None = None
    subject: str = ""
    resident: ResidentFacts = field(default_factory=ResidentFacts)
    languages: tuple[str, ...] = ()
    emergency: bool = False
    data: Mapping[str, Any] = field(default_factory=dict)
    key: str | None = None
    at: datetime | None = None
    preferred_agent_id: UUID | None = None
    priority: int = 0
    skills: tuple[tuple[str, int], ...] = ()
    later: bool = False


@dataclass(frozen=True, slots=True)
class Outbound:
    """One message on its way to the resident."""

    delivery_id: int
    message_id: UUID
    contact_id: UUID
    number: int
    address: str
    text: str
    language: str
    data: Mapping[str, Any] = field(default_factory=dict)


class Sent(StrEnum):
    """What became of an attempt to send."""

    SENT = "sent"
    RETRY = "retry"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Outcome:
    """The adapter's answer to `send`. `retry_after` in seconds overrides the usual pause."""

    state: Sent
    reference: str = ""
    error: str = ""
    retry_after: float | None = None


@dataclass(frozen=True, slots=True)
class QualityNotes:
    """What a channel does of all that residents may expect, and what it leaves out and why."""

    done: tuple[str, ...]
    exempt: tuple[tuple[str, str], ...] = ()


class BadInbound(ValueError):
    """What arrived cannot be understood. `code` and `params` let each channel word it in its own format."""

    def __init__(self, code: str, message: str, **params: Any) -> None:
        super().__init__(message)
        self.code = code
        self.params = params


class ChannelAdapter(Protocol):
    """What every channel implements. `live` channels keep the resident waiting; the others are written work."""

    @property
    def code(self) -> str:
        """The channel's code, as in `Contact.channel` and `Service.channels`."""
        ...

    @property
    def live(self) -> bool:
        """Whether a resident is there, waiting, while the contact is in the queue."""
        ...

    @property
    def quality(self) -> QualityNotes:
        """What this channel does and what it is exempt from."""
        ...

    def parse(self, raw: Mapping[str, Any]) -> Inbound:
        """Return the contact that `raw` (decoded fields of the channel) describes, or raise `BadInbound`."""
        ...

    def send(self, outbound: Outbound) -> Outcome:
        """Send one message. May be called again for the same `delivery_id` after a crash: be idempotent."""
        ...
