"""The telephones of the people at the desks."""

from __future__ import annotations

import re
from typing import Final
from uuid import UUID

from django.db import IntegrityError
from django.utils.translation import gettext_lazy as _

from civicline.channels.voice import events
from civicline.channels.voice.adapter import PHONE_SKILL
from civicline.channels.voice.asterisk.process import PHONES
from civicline.channels.voice.models import Phone
from civicline.channels.voice.video import services as video
from civicline.kernel import audit, bus
from civicline.kernel.db import writes
from civicline.kernel.errors import Conflict, Invalid, NotFound
from civicline.kernel.events import EventType, emit
from civicline.people import selectors as people_selectors
from civicline.people import services as people

TELEPHONE: Final = PHONE_SKILL[0]
NAME = re.compile(r"[0-9]{2,8}")
ADDRESS = re.compile(r"sips?:[A-Za-z0-9.+_-]+@[A-Za-z0-9.:\[\]-]+(;transport=(udp|tcp|tls))?")
SKILL_NAME: Final = {
    "en": "Telephone", "es": "Teléfono", "fr": "Téléphone", "ar": "الهاتف", "tr": "Telefon",
}  # fmt: skip


@writes
def save_phone(*, agent_id: UUID, name: str, kind: str, address: str = "") -> Phone:
    """Give an agent a telephone: from then on calls are offered to them.

    `name`: its extension. `kind`: browser or sip. `address`: of a desk phone that does not sign in itself. Raises
    `Invalid` for a wrong one, `Conflict` for an extension that somebody else has.
    """
    if not NAME.fullmatch(name):
        raise Invalid(fields={"name": _("An extension has two to eight digits.")})
    if kind not in Phone.Kind.values:
        raise Invalid(fields={"kind": _("A telephone is in the browser, or a desk phone (SIP).")})
    if address and not (kind == "sip" and ADDRESS.fullmatch(address)):
        raise Invalid(fields={"address": _("Write the address of a desk phone as sip:7001@10.0.0.7:5060.")})
    try:
        phone, _made = Phone.objects.update_or_create(
            agent_id=agent_id, defaults={"name": name, "kind": kind, "address": address}
        )
    except IntegrityError as taken:
        raise Conflict(
            code="extension-taken", text=_("Somebody else has the extension %(name)s."), name=name
        ) from taken
    _set_skill(agent_id, wanted=True)
    video.keep_skill(agent_id=agent_id)
    _told(agent_id, events.PHONE_SAVED, {"name": name, "kind": kind})
    return phone


@writes
def choose_phone(*, agent_id: UUID, kind: str) -> Phone:
    """Ring the browser of this agent from now on, or their desk phone; where that one stands is kept.

    Raises `NotFound` for somebody without a telephone, `Invalid` for a kind that there is not.
    """
    if kind not in Phone.Kind.values:
        raise Invalid(fields={"kind": _("A telephone is in the browser, or a desk phone (SIP).")})
    phone = Phone.objects.filter(agent_id=agent_id).first()
    if phone is None:
        raise NotFound(
            code="no-phone", text=_("You have no telephone yet. Ask your administrator for an extension.")
        )
    if phone.kind != kind:
        phone.kind = kind
        phone.save(update_fields=["kind"])
        video.keep_skill(agent_id=agent_id)
        _told(agent_id, events.PHONE_SAVED, {"name": phone.name, "kind": kind})
    return phone


@writes
def remove_phone(*, agent_id: UUID) -> None:
    """Take a telephone away: no call is offered to this agent any more."""
    if Phone.objects.filter(agent_id=agent_id).delete()[0]:
        _set_skill(agent_id, wanted=False)
        video.forget_camera(agent_id=agent_id)
        _told(agent_id, events.PHONE_REMOVED, {})


def _told(agent_id: UUID, event: EventType, data: dict[str, str]) -> None:
    emit(event, subject=("agent", agent_id), data=data)
    audit.record(event.name, object=("agent", agent_id), data=data)
    bus.publish(PHONES)


def _set_skill(agent_id: UUID, *, wanted: bool) -> None:
    """Only whoever has a telephone has the skill that calls ask for."""
    if not any(skill.code == TELEPHONE for skill in people_selectors.list_skills()):
        people.save_skill(code=TELEPHONE, kind="channel", name=SKILL_NAME)
    people.set_skill(agent_id=agent_id, code=TELEPHONE, level=PHONE_SKILL[1] if wanted else None)
