"""Web chat as a channel: a live conversation in the resident's browser."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from civicline.intake.ports import BadInbound, Inbound, Outbound, Outcome, QualityNotes, ResidentFacts, Sent
from civicline.kernel import bus

TEXT = 10_000


class ChatAdapter:
    """Chats of the portal and of the widget on other sites."""

    code = "chat"
    live = True
    quality = QualityNotes(
        done=(
            "Place and range told at the start and kept true while waiting.",
            "Reconnects after a lost network without losing a word, in either direction.",
            "Works with a screen reader, by keyboard alone, at 400 % zoom, and without JavaScript as a form.",
            "The transcript can be kept.",
        ),
        exempt=(("Provider receipts", "There is no provider: the browser itself says what it has shown."),),
    )

    def parse(self, raw: Mapping[str, Any]) -> Inbound:
        """Return the contact that the first message of a chat starts.

        `raw`: text, key; and, where given, service_code, name, email, languages, data. Raises `BadInbound` for an
        empty or too long text.
        """
        text = str(raw.get("text", ""))
        if not text.strip():
            raise BadInbound("text_missing", "A chat begins with a message.")
        if len(text) > TEXT:
            raise BadInbound("text_too_long", "The message is too long.", length=len(text), most=TEXT)
        languages = tuple(str(language) for language in raw.get("languages", ()))
        return Inbound(
            channel=self.code,
            text=text,
            service_code=str(raw["service_code"]) if raw.get("service_code") else None,
            resident=ResidentFacts(
                name=str(raw.get("name", "")),
                email=str(raw.get("email", "")),
                language=languages[0] if languages else "",
            ),
            languages=languages,
            data=dict(raw.get("data", {})),
            key=str(raw["key"]) if raw.get("key") else None,
        )

    def send(self, outbound: Outbound) -> Outcome:
        """Hint the resident's page to fetch the message; it says "delivered" itself once it has it."""
        bus.publish(f"contact:{outbound.contact_id}", {"kind": "message", "id": str(outbound.contact_id)})
        return Outcome(Sent.SENT, reference=f"chat:{outbound.number}")
