"""What a test of calls with a picture orders from the town: who is called so, who signs, who is seen."""

from __future__ import annotations

from typing import Any
from uuid import UUID


def offers_video(*, queue: str, sign: str = "bfi", name: str = "British Sign Language") -> None:
    """This queue is called in sign language, and the house knows this one."""
    from civicline.channels.voice.video import services as video
    from civicline.people import services as people
    from civicline.routing import selectors as routing

    people.save_skill(code=sign, kind="signed", name={"en": name})
    found = routing.get_queue(queue)
    assert found is not None
    video.set_offered(queue_id=found.pk, offered=True)


def signs(*, agent: str, sign: str = "bfi", level: int | None = 4) -> None:
    """This agent signs, or does so no more."""
    from civicline.people import services as people

    people.set_skill(agent_id=UUID(agent), code=sign, level=level)


def takes_video(*, agent: str, wanted: bool = True) -> None:
    """This agent has a camera and takes calls with a picture, or does not."""
    from civicline.channels.voice.video import services as video

    video.choose_camera(agent_id=UUID(agent), wanted=wanted)


def visits() -> list[dict[str, Any]]:
    """Who called with a picture, the first one first."""
    from civicline.channels.voice.video.models import Visit

    return [
        {
            "sign": one.sign, "language": one.language, "sound": one.sound, "waived": one.waived,
            "caller": one.caller_picture, "agent": one.agent_picture, "call": str(one.call_id or ""),
        }
        for one in Visit.objects.order_by("made_at")
    ]  # fmt: skip


def lines(*, contact: str) -> list[list[str]]:
    """What was written beside the picture: direction and words."""
    from civicline.intake import selectors as intake

    return [[one.direction, one.body] for one in intake.list_messages(UUID(contact))]


ORDERS = {one.__name__: one for one in (offers_video, signs, takes_video, visits, lines)}
