"""What a town that has been at work for a while keeps besides its conversations: so that every page has something to
show, and an address to be looked at. Returns the parts of addresses by name, as `tests.pages` writes them."""

from __future__ import annotations

import math
import struct
import wave
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

SECONDS = 14
RATE = 8_000


def furnish(agents: dict[str, UUID]) -> dict[str, str]:
    """Make the rest; needs the floor's contacts. The keys say of which page an id opens the one object."""
    from civicline.intake.models import Contact, ServiceMessage
    from civicline.people.models import LegalHold

    _webhook_and_its_log()
    _somebody_asks_to_be_away(agents["ines"])
    _somebody_asks_for_a_turn(agents["ines"])
    _changes_to_the_plan_are_asked_for(agents["mei"])
    waiting = Contact.objects.filter(state="queued", resident__isnull=False).first()
    hold, message = LegalHold.objects.first(), ServiceMessage.objects.first()
    assert waiting is not None and hold is not None and message is not None
    return {
        "waiting": str(waiting.pk),
        "resident": str(waiting.resident_id),
        "hold": str(hold.pk),
        "message": str(message.pk),
        **_webhook(),
        **_recordings(agents["mei"]),
        **_of_planning(agents["ruth"], agents["nadia"]),
        **_of_cases(),
    }


def _webhook_and_its_log() -> None:
    """A webhook that is paused, so that nothing goes out, with what it was told before."""
    from civicline.api.models import Webhook, WebhookDelivery
    from civicline.kernel import clock
    from civicline.kernel.ids import new_secret

    now = clock.now()
    hook = Webhook.objects.create(
        name="Document store", url="https://documents.saltmere.example/hear", secret=new_secret(),
        events=["case.*", "contact.closed"], active=False, created_at=now - timedelta(days=9),
    )  # fmt: skip
    told = [
        ("case.opened", "sent", 204, ""),
        ("contact.closed", "sent", 204, ""),
        ("case.updated", "failed", 503, "503"),
    ]
    for number, (name, state, status, error) in enumerate(told, start=1):
        at = now - timedelta(days=1, minutes=7 * number)
        WebhookDelivery.objects.create(
            webhook=hook, event_seq=number, event_name=name, body={"type": f"org.civicline.{name}.v1"}, state=state,
            attempts=1 if state == "sent" else 8, next_try_at=at, status=status, error=error, created_at=at,
            changed_at=at,
        )  # fmt: skip


def _webhook() -> dict[str, str]:
    from civicline.api.models import Webhook

    return {"webhook": str(Webhook.objects.values_list("pk", flat=True)[0])}


def _somebody_asks_to_be_away(agent_id: UUID) -> None:
    """More people are away on that day than the plan can do without: a planner has to decide."""
    from civicline.workforce.selectors.history import today
    from civicline.workforce.selectors.rosters import monday_of
    from civicline.workforce.services import leaves

    day = monday_of(today()) + timedelta(days=8)
    leaves.ask_leave(agent_id=agent_id, kind="holiday", first=day, note="We move house")


def _somebody_asks_for_a_turn(agent_id: UUID) -> None:
    """Her contract has no turns on call: a planner has to decide."""
    from civicline.kernel import clock
    from civicline.workforce.models import OnCallDuty
    from civicline.workforce.services.duty_trades import TURNS

    turns = OnCallDuty.objects.filter(start__gt=clock.now()).order_by("start", "pk")
    turn = turns.filter(agent=None).first() or turns.exclude(agent=agent_id).first()
    if turn is None:
        return  # at the end of a week that is planned no further
    OnCallDuty.objects.filter(pk=turn.pk).update(agent=None)
    TURNS.bid(thing_id=turn.pk, agent_id=agent_id)


def _changes_to_the_plan_are_asked_for(learner: UUID) -> None:
    """Two that were simulated: one waits for an administrator, one was refused with a reason."""
    from civicline.people.models import User
    from civicline.workforce.scenarios import Changes, next_planned_day
    from civicline.workforce.selectors.history import today
    from civicline.workforce.services import approvals, scenarios

    paula, amina = (User.objects.get(email=f"{name}@saltmere.example").pk for name in ("paula", "amina"))
    asked = {
        "Close at four": Changes(closes=16 * 60),
        "One more at noon, and Mei takes homes": Changes(
            extra=1, extra_queue="benefits", extra_from=660, extra_until=900, learner=str(learner),
            learner_queue="homes", callback=4,
        ),
    }  # fmt: skip
    made = []
    for name, changes in asked.items():
        row = scenarios.ask_what_if(name=name, day=next_planned_day(today()), changes=changes, by=paula)
        scenarios.run_what_if(row.pk, replications=2)
        made.append(approvals.ask_change(what_if_id=row.pk, by=paula))
    why = "People come to the counter after work, and telephone from there."
    approvals.decide_change(request_id=made[0].pk, approve=False, reason=why, by=amina)


def _recordings(agent_id: UUID) -> dict[str, str]:
    """One call of half an hour ago that was recorded, and one message that somebody left."""
    from civicline.channels.voice import services as voice
    from civicline.channels.voice.models import Recording
    from civicline.channels.voice.recordings import files
    from civicline.intake.models import Contact
    from civicline.kernel import clock

    files.spool().mkdir(parents=True, exist_ok=True)
    made = {}
    began = clock.now() - timedelta(minutes=31)
    for kind, number in (("talk", "+442079460241"), ("message", "+442079460188")):
        with clock.use(clock.ManualClock(began)) as then:
            raw = {"channel": f"floor-{kind}", "number": number, "service_code": "benefits", "language": "en"}
            call = voice.arrive(raw=raw, in_line=True)
            name = f"{call.call_id.hex}-1"
            then.advance(20)
            if kind == "talk":
                Contact.objects.filter(pk=call.contact_id).update(agent_id=agent_id)
            voice.recording_started(call_id=call.call_id, name=name)
            then.advance(SECONDS)
            _murmur(files.plain_of(name))
            voice.keep_recording(spool=files.spool(), name=name)
            voice.caller_gone(call_id=call.call_id)
        row = Recording.objects.get(name=name)
        if kind == "message":
            Recording.objects.filter(pk=row.pk).update(kind="message")
        made[kind] = str(row.pk)
    return {"recording": made["talk"], "voice_message": made["message"]}


def _murmur(path: Path) -> None:
    """Something that rises and falls as speech does, for the picture of the sound."""

    def loud(at: int) -> float:
        second = at / RATE
        return max(0.0, math.sin(second * 2.1) * math.sin(second * 0.7 + 1)) * abs(math.sin(second * 9))

    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        values = (int(12_000 * loud(at) * math.sin(at / 5)) for at in range(SECONDS * RATE))
        file.writeframes(b"".join(struct.pack("<h", value) for value in values))


def _of_planning(ruth: UUID, nadia: UUID) -> dict[str, str]:
    """A shift of Ruth's to give away, one of Nadia's, a turn on call, and the rule it comes from."""
    from civicline.kernel import clock
    from civicline.workforce.models import OnCallDuty, OnCallRule, Shift

    now = clock.now()
    mine = Shift.objects.filter(agent_id=ruth, start__gt=now).order_by("start").first()
    other = Shift.objects.filter(agent_id=nadia, start__gt=now).order_by("start").first()
    rule, duty = OnCallRule.objects.first(), OnCallDuty.objects.filter(start__gt=now).first()
    assert mine is not None and other is not None and rule is not None and duty is not None
    OnCallDuty.objects.filter(pk=duty.pk).update(agent_id=ruth)
    return {
        "own_shift": str(mine.pk),
        "shift": str(other.pk),
        "duty_rule": str(rule.pk),
        "duty": str(duty.pk),
    }


def _of_cases() -> dict[str, str]:
    from civicline.cases.models import CasePolicy

    policy: Any = CasePolicy.objects.first()
    return {"promise": str(policy.pk)}
