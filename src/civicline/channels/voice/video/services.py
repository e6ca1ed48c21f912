"""Writes of calls with a picture: what the house offers, who takes them, and what a resident chose on the page."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Final
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from civicline.channels.voice.models import Phone
from civicline.channels.voice.video import events, selectors
from civicline.channels.voice.video.models import Camera, VideoRule, Visit
from civicline.kernel import audit, bus, clock, rows
from civicline.kernel.db import writes
from civicline.kernel.errors import Conflict, NotFound
from civicline.kernel.events import emit
from civicline.people import selectors as people_selectors
from civicline.people import services as people

SKILL_NAME: Final = {
    "en": "Video calls", "es": "Videollamadas", "fr": "Appels vidéo", "ar": "مكالمات الفيديو",
    "tr": "Görüntülü aramalar",
}  # fmt: skip
UNUSED: Final = timedelta(days=1)
CALLER, AGENT = "caller", "agent"


class NotInSign(NotFound):
    """This is not offered, or not in this language."""

    default_code = "video-not-offered"
    default_text = _("We do not take video calls for this. Use one of the other ways.")


class ClosedNow(Conflict):
    """Nobody is there to see the caller."""

    default_code = "video-closed"
    default_text = _("We are closed now, so nobody would answer. Use one of the other ways.")


@writes
def set_offered(*, queue_id: int, offered: bool) -> None:
    """Whether a queue is called with a picture. The same again changes nothing."""
    if selectors.is_offered(queue_id) == offered:
        return
    VideoRule.objects.update_or_create(queue_id=queue_id, defaults={"offered": offered})
    emit(
        events.VIDEO_RULE_CHANGED,
        subject=("queue", queue_id),
        data={"queue": queue_id, "offered": offered},
    )
    audit.record("video_rule.changed", object=("queue", queue_id), data={"offered": offered})


@writes
def choose_camera(*, agent_id: UUID, wanted: bool) -> None:
    """Take calls with a picture from now on, or no more. Raises `NotFound` for somebody without a telephone."""
    if rows.one(Phone, where={"agent_id": agent_id}) is None:
        raise NotFound(
            code="no-phone", text=_("You have no telephone yet. Ask your administrator for an extension.")
        )
    if selectors.has_camera(agent_id) != wanted:
        if wanted:
            Camera.objects.create(agent_id=agent_id)
        else:
            Camera.objects.filter(agent_id=agent_id).delete()
        emit(events.CAMERA_CHOSEN, subject=("agent", agent_id), data={"wanted": wanted})
        audit.record(events.CAMERA_CHOSEN.name, object=("agent", agent_id), data={"wanted": wanted})
    keep_skill(agent_id=agent_id)


@writes
def forget_camera(*, agent_id: UUID) -> None:
    """The telephone was taken away, and the picture with it."""
    Camera.objects.filter(agent_id=agent_id).delete()
    keep_skill(agent_id=agent_id)


@writes
def keep_skill(*, agent_id: UUID) -> None:
    """Who can be seen has the skill that calls with a picture ask for, and nobody else has."""
    code, level = selectors.VIDEO_SKILL
    wanted = selectors.is_seen(agent_id)
    if (code in people_selectors.skill_levels(agent_id)) == wanted:
        return
    if not any(skill.code == code for skill in people_selectors.list_skills()):
        people.save_skill(code=code, kind="channel", name=SKILL_NAME)
    people.set_skill(agent_id=agent_id, code=code, level=level if wanted else None)


@writes
def make_visit(*, mark: str, queue_id: int, sign: str, language: str, sound: bool) -> Visit:
    """Keep what somebody chose on the page, before their line is given. The same mark again is the same visit.

    Raises `NotInSign` where it is not offered, `ClosedNow` while nobody is there.
    """
    known = Visit.objects.filter(pk=mark).first()
    if known is not None:
        return known
    found = next((one for one in selectors.offered() if one.queue.pk == queue_id), None)
    if found is None or sign not in selectors.sign_languages():
        raise NotInSign
    if not found.open:
        raise ClosedNow
    return Visit.objects.create(
        mark=mark, queue_id=queue_id, sign=sign, language=language, sound=sound, made_at=clock.now()
    )


@writes
def turn_picture(*, call_id: UUID, side: str, on: bool) -> None:
    """Say that the camera of the caller or of the agent is on or off, so that the other side is told so in words."""
    field = "caller_picture" if side == CALLER else "agent_picture"
    visit = Visit.objects.select_related("call").filter(call_id=call_id).exclude(**{field: on}).first()
    if visit is None or visit.call is None:
        return
    setattr(visit, field, on)
    visit.save(update_fields=[field])
    contact_id = visit.call.contact_id
    emit(
        events.PICTURE_TURNED, subject=("call", call_id), contact_id=contact_id,
        data={"side": side, "on": on},
    )  # fmt: skip
    bus.publish(f"contact:{contact_id}", {"kind": "call", "id": str(contact_id)})


@writes
def waive_sign(*, visit: Visit) -> None:
    """The caller agreed to go on without sign language."""
    if visit.call is not None and rows.change(
        Visit, where={"mark": visit.mark, "waived": False}, to={"waived": True}
    ):
        emit(
            events.SIGN_WAIVED, subject=("call", visit.call.pk), contact_id=visit.call.contact_id,
            data={"sign": visit.sign},
        )  # fmt: skip


@writes
def forget(*, call_ids: Iterable[UUID]) -> None:
    """That these callers sign, and which language: it goes with the rest of what is known of them."""
    Visit.objects.filter(call_id__in=list(call_ids)).delete()


@writes
def forget_visits() -> None:
    """Visits that never became a call."""
    Visit.objects.filter(call__isnull=True, made_at__lt=clock.now() - UNUSED).delete()
