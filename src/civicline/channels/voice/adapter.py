"""The telephone as a channel: a resident on the line, waiting."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from django.conf import settings

from civicline.channels.voice import crew, text_messages
from civicline.intake import selectors as intake
from civicline.intake.ports import BadInbound, Inbound, Outbound, Outcome, QualityNotes, ResidentFacts, Sent
from civicline.kernel import bus
from civicline.kernel.errors import Invalid
from civicline.people.personal import clean_phone

TEXT: Final = 10_000
SHOWN: Final = 40
FROM_PAGE: Final = "page"
"""In a contact's data: they called from our own page, where nobody has a number."""
PHONE_SKILL: Final = ("telephone", 5)
"""Whoever takes calls has a telephone. The highest level, so that rings that relax levels do not do away with it."""


def shown(number: str) -> str:
    """A number as it may be stored: whatever the network tells, nothing but digits and a leading plus."""
    kept = re.sub(r"[^0-9+]", "", number[:200])
    return (kept[:1] + kept[1:].replace("+", ""))[:SHOWN]


def dialled(number: str) -> str:
    """A number in E.164, whichever way the network writes it; empty when it cannot be dialled."""
    try:
        return clean_phone(number)
    except Invalid:
        return ""


class VoiceAdapter:
    """Calls from the telephone network and from browsers."""

    code = "voice"
    live = True
    quality = QualityNotes(
        done=(
            "Place and range told at the start and again when they got better.",
            "No busy signal: while Civicline is down, calls go to the same people by the exchange itself.",
            "A call goes on when a process of ours is killed, and is found again.",
        ),
        exempt=(
            (
                "Written replies",
                "A caller has a telephone and no page; what is written goes to the status page.",
            ),
            (
                "Real-time text",
                "This exchange takes no T.140; calls with it are answered with sound alone. Beside a picture, lines "
                "are written and read as messages.",
            ),
        ),
    )

    def parse(self, raw: Mapping[str, Any]) -> Inbound:
        """Return the contact that a call is.

        `raw`: channel (the exchange's name of the call); and, where known, number, called, caller_name, service_code,
        language, text (what was said or chosen before anybody answered), page (called from our own page).
        Raises `BadInbound` for a call without a channel or a text too long.
        """
        channel = str(raw.get("channel", ""))
        if not channel:
            raise BadInbound("call_missing", "A call has a channel in the exchange.")
        text = str(raw.get("text", ""))
        if len(text) > TEXT:
            raise BadInbound("text_too_long", "The text is too long.", length=len(text), most=TEXT)
        number = shown(str(raw.get("number", "")))
        language = str(raw.get("language", ""))
        return Inbound(
            channel=self.code,
            text=text,
            subject=number,
            service_code=str(raw["service_code"]) if raw.get("service_code") else None,
            resident=ResidentFacts(phone=dialled(number), language=language),
            languages=(language,) if language else (),
            data={"number": number, "called": shown(str(raw.get("called", "")))}
            | ({FROM_PAGE: True} if raw.get("page") else {}),
            key=channel,
            skills=(PHONE_SKILL,),
        )

    def send(self, outbound: Outbound) -> Outcome:
        """What is written beside a picture is fetched by its page; otherwise nothing can be sent by voice."""
        contact = intake.find_contact(outbound.contact_id)
        if contact is not None and contact.data.get("picture"):
            bus.publish(f"contact:{contact.id}", {"kind": "message", "id": str(contact.id)})
            return Outcome(Sent.SENT, reference=f"beside:{outbound.number}")
        return Outcome(
            Sent.FAILED, error=f"Message {outbound.number}: a caller cannot be written to by telephone."
        )


class VoicemailAdapter:
    """Messages left on the answering machine: written work, with the recording as its file."""

    code = "voicemail"
    live = False
    quality = QualityNotes(
        done=("A message is taken whether Civicline runs or not, and becomes a contact once it does.",),
        exempt=(
            ("Written replies", "A caller has a telephone and no page; whoever answers calls them back."),
        ),
    )

    def parse(self, raw: Mapping[str, Any]) -> Inbound:
        """Return the contact that a message is.

        `raw`: recording (the name of its file); and, where known, number, service_code, language, text (a transcript).
        """
        recording = str(raw.get("recording", ""))
        if not recording:
            raise BadInbound("recording_missing", "A message has a recording.")
        text = str(raw.get("text", ""))
        if len(text) > TEXT:
            raise BadInbound("text_too_long", "The text is too long.", length=len(text), most=TEXT)
        number, language = shown(str(raw.get("number", ""))), str(raw.get("language", ""))
        return Inbound(
            channel=self.code,
            text=text,
            subject=number,
            service_code=str(raw["service_code"]) if raw.get("service_code") else None,
            resident=ResidentFacts(phone=dialled(number), language=language),
            languages=(language,) if language else (),
            data={"number": number},
            key=recording,
        )

    def send(self, outbound: Outbound) -> Outcome:
        """Nothing can be sent back; whoever wrote is told so."""
        return Outcome(Sent.FAILED, error=f"Message {outbound.number}: call this person back instead.")


class TextAdapter:
    """Texts over a line to the telephone network (SIP MESSAGE)."""

    code = "sms"
    live = True
    quality = QualityNotes(
        done=(
            "A text is taken whether Civicline runs or not, and goes on in the conversation that is open.",
            "Answers go back over the line by which the text came.",
        ),
        exempt=(
            ("Receipts", "SIP tells that the line took a text, and not that the telephone has it."),
            ("Files", "A text carries words alone; files stay on the status page."),
        ),
    )

    def parse(self, raw: Mapping[str, Any]) -> Inbound:
        """Return the contact that the first text of a number is.

        `raw`: key, number, text; and, where known, called, trunk, service_code. Raises `BadInbound` without number or
        words, or with too many.
        """
        number, text = shown(str(raw.get("number", ""))), str(raw.get("text", ""))
        if not number or not text.strip():
            raise BadInbound("text_missing", "A text has a sender and words.")
        if len(text) > TEXT:
            raise BadInbound("text_too_long", "The text is too long.", length=len(text), most=TEXT)
        return Inbound(
            channel=self.code,
            text=text,
            subject=number,
            service_code=str(raw["service_code"]) if raw.get("service_code") else None,
            resident=ResidentFacts(phone=dialled(number)),
            data={
                "number": number,
                "called": shown(str(raw.get("called", ""))),
                "trunk": str(raw.get("trunk", "")),
            },
            key=str(raw["key"]) if raw.get("key") else None,
        )

    def send(self, outbound: Outbound) -> Outcome:
        """Send over the line that the conversation came by, to its number."""
        conf = settings.CIVICLINE
        contact = intake.find_contact(outbound.contact_id)
        facts = contact.data if contact is not None else {}
        # What we tell somebody who called has no line of its own: the first one takes it.
        wanted = facts.get("trunk") or next((one.id for one in conf.voice_trunks), "")
        trunk = next((one for one in conf.voice_trunks if one.id == wanted), None)
        number = str(facts.get("text_to") or facts.get("number") or "")
        if conf.voice_mode == "off" or trunk is None or not number:
            return Outcome(Sent.FAILED, error="There is no line any more by which this can be answered.")
        return text_messages.send(
            crew.address(conf), trunk=trunk.id, host=trunk.host, number=number,
            sender=str(facts.get("called") or trunk.user or "civicline"), text=outbound.text,
        )  # fmt: skip
