"""The web form as a channel: answers of a form become one written contact; replies are read on the status page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from civicline.intake.ports import BadInbound, Inbound, Outbound, Outcome, QualityNotes, ResidentFacts, Sent

TEXT = 20_000


class WebformAdapter:
    """Forms of the portal, sent after "check your answers"."""

    code = "webform"
    live = False
    quality = QualityNotes(
        done=(
            "Each question on its own page; saved at each step; answers checked before they are sent.",
            "Works without JavaScript, by keyboard alone and at 400 % zoom.",
            "A second click or a repeated post finds the first report again.",
            "A place on the map can be given, and is never asked for.",
        ),
        exempt=(
            ("Typing and read signs", "Nobody waits on the page: the answer is read on the status page."),
            ("Position in the line", "Written work is promised by a date, not by a place in a line."),
        ),
    )

    def parse(self, raw: Mapping[str, Any]) -> Inbound:
        """Return the contact that the checked answers describe.

        `raw`: service_code, text (the answers as the resident saw them), language, key; and, where given, subject,
        name, email, phone, data. Raises `BadInbound` for an empty or too long text, or no service.
        """
        text = str(raw.get("text", "")).strip()
        if not raw.get("service_code"):
            raise BadInbound("service_missing", "A form belongs to a service.")
        if not text:
            raise BadInbound("text_missing", "The form has no answers.")
        if len(text) > TEXT:
            raise BadInbound("text_too_long", "The answers are too long.", length=len(text), most=TEXT)
        language = str(raw.get("language", ""))
        return Inbound(
            channel=self.code,
            text=text,
            service_code=str(raw["service_code"]),
            subject=str(raw.get("subject", "")),
            resident=ResidentFacts(
                name=str(raw.get("name", "")),
                email=str(raw.get("email", "")),
                phone=str(raw.get("phone", "")),
                language=language,
            ),
            languages=(language,) if language else (),
            data=dict(raw.get("data", {})),
            key=str(raw["key"]) if raw.get("key") else None,
        )

    def send(self, outbound: Outbound) -> Outcome:
        """A reply is on the resident's status page as soon as it is stored: there is nothing to hand over."""
        return Outcome(Sent.SENT, reference=f"status-page:{outbound.message_id}")
