"""Orders to the town's helper (`tests.telephones`) about calls that are owed and menus that offer them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID


def callback_menu(*, number: str, languages: list[str] | None = None, code: str = "callbacks") -> None:
    """A menu that offers a call back at once, and puts into the line whoever does not want one."""
    from civicline.channels.voice.flows import services as flows
    from civicline.engine.callflow import flow_as_plain, nodes

    spoken = languages or ["en"]
    flows.save_flow(code=code, name={"en": "Callbacks"}, numbers=[number])
    choices = tuple(nodes.LanguageChoice(str(at + 1), one) for at, one in enumerate(spoken))
    first = "language" if len(spoken) > 1 else "offer"
    flow = nodes.Flow(
        start=first, languages=tuple(spoken), give_up="line",
        nodes={
            **({"language": nodes.Language("language_choice", choices, next="offer")} if len(spoken) > 1 else {}),
            "offer": nodes.OfferCallback("general", accepted="bye", refused="line", seconds=8),
            "line": nodes.Queue("general", full="bye"),
            "bye": nodes.HangUp(),
        },
    )  # fmt: skip
    flows.replace_draft(code=code, plain=flow_as_plain(flow))
    flows.publish(code=code, note="test")


def outside_menu(*, number: str, outside: str) -> None:
    """A menu that connects at once with a number outside, and puts into the line whoever is not reached there."""
    from civicline.channels.voice.flows import services as flows
    from civicline.engine.callflow import flow_as_plain, nodes

    flows.allow_number(number=outside, name="Water works")
    flows.save_flow(code="outside", name={"en": "Outside"}, numbers=[number])
    flow = nodes.Flow(
        start="onward", languages=("en",), give_up="line",
        nodes={
            "onward": nodes.Transfer("number", outside, failed="line", prompt="connecting"),
            "line": nodes.Queue("general", full="bye"),
            "bye": nodes.HangUp(),
        },
    )  # fmt: skip
    flows.replace_draft(code="outside", plain=flow_as_plain(flow))
    flows.publish(code="outside", note="test")


def queue_takes(*, queue: str = "general", most: int | None = None, opens: bool = True) -> None:
    """How many may wait in a queue, and whether it is open."""
    from civicline.intake.models import Calendar
    from civicline.routing.models import Queue

    shut, _made = Calendar.objects.get_or_create(
        code="never", defaults={"name": {"en": "Never"}, "timezone": "UTC", "weekly": []}
    )
    calendar = Calendar.objects.get(code="always") if opens else shut
    Queue.objects.filter(code=queue).update(max_waiting=most, calendar=calendar)


def case_menu(*, number: str) -> dict[str, str]:
    """A menu that reads how a case stands to whoever types its reference and PIN; a case, and what opens it."""
    from civicline.cases import selectors as cases
    from civicline.cases import services as case_services
    from civicline.channels.voice.flows import services as flows
    from civicline.engine.callflow import flow_as_plain, nodes
    from civicline.engine.callflow.keypad import keys_of

    case = case_services.open_case(type="incident", title="Street light").case
    flows.save_flow(code="status", name={"en": "Status"}, numbers=[number])
    flow = nodes.Flow(
        start="who", languages=("en",), give_up="bye",
        nodes={
            "who": nodes.IdentifyCase(found="status", not_found="bye", tries=2),
            "status": nodes.ReadStatus(next="bye"),
            "bye": nodes.HangUp(),
        },
    )  # fmt: skip
    flows.replace_draft(code="status", plain=flow_as_plain(flow))
    flows.publish(code="status", note="test")
    return {
        "keys": keys_of(case.reference.split("-", 1)[-1]),
        "pin": cases.phone_pin(case),
        "id": str(case.pk),
    }


def read_by_phone(*, case: str) -> int:
    """How often the status of a case was read to a caller."""
    from civicline.kernel.selectors import history

    return sum(row.action == "case.read_by_phone" for row in history("case", case))


def calling_rule(*, queue: str = "general", **fields: Any) -> None:
    """Set the rule of a queue; what is not given is as fast as tests want it."""
    from civicline.channels.voice.models import CallingRule
    from civicline.routing.models import Queue

    quick = {"tries": 3, "pause_seconds": 2, "busy_seconds": 1, "ring_seconds": 10}
    row = Queue.objects.get(code=queue)
    CallingRule.objects.update_or_create(queue=row, defaults={**quick, **fields})


def owed() -> list[dict[str, Any]]:
    """Calls that are or were owed, oldest first."""
    from civicline.channels.voice.models import Callback

    return [
        {
            "id": str(one.pk), "state": one.state, "kind": one.kind, "number": one.number, "tries": one.tries,
            "outcome": one.outcome, "contact": str(one.contact_id or ""),
            "contact_state": one.contact.state if one.contact else "", "language": one.language,
        }
        for one in Callback.objects.select_related("contact").order_by("asked_at")
    ]  # fmt: skip


def cancel_callback(*, callback: str) -> None:
    """Its resident does not want it any more."""
    from civicline.channels.voice import services as voice

    voice.cancel(callback_id=UUID(callback), reason="resident")


def call_now(*, agent: str, number: str) -> str:
    """An agent calls from their desk; the call that is owed."""
    from civicline.channels.voice import services as voice

    return str(voice.call_now(agent_id=UUID(agent), number=number).pk)


def bar(*, number: str) -> None:
    """Nobody calls this number any more."""
    from civicline.channels.voice import services as voice

    voice.bar_number(number=number, reason="asked us")


def plan_in(*, agent: str, number: str, seconds: float) -> str:
    """A call for a time in some seconds."""
    from datetime import timedelta

    from civicline.channels.voice import services as voice
    from civicline.kernel import clock

    at = clock.now() + timedelta(seconds=seconds)
    return str(voice.plan_call(agent_id=UUID(agent), number=number, at=at).pk)


def positions(*, queue: str) -> list[str]:
    """Who waits in a queue, in its order: contacts."""
    from civicline.routing.lines import read_lines

    line = next(one for one in read_lines().values() if one.queue.code == queue)
    return [str(place.contact_id) for place in line.places]


ORDERS: dict[str, Callable[..., Any]] = {
    one.__name__: one
    for one in (
        callback_menu,
        case_menu,
        read_by_phone,
        outside_menu,
        queue_takes,
        calling_rule,
        owed,
        cancel_callback,
        call_now,
        bar,
        plan_in,
        positions,
    )
}
