"""Orders to the town's helper (`tests.telephones`) for a town in which each call has people of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID


def own_line(*, code: str, agents: list[str]) -> None:
    """A service and its queue, which these agents serve and no other one."""
    from civicline.intake.catalogue import catalogue_changed
    from civicline.intake.models import Calendar, Service
    from civicline.routing.models import Queue, QueueMember, Route

    calendar = Calendar.objects.get(code="always")
    service = Service.objects.create(code=code, name={"en": code}, calendar=calendar, channels=["voice"])
    queue = Queue.objects.create(
        code=code, name={"en": code}, calendar=calendar, offer_seconds=60, wrap_up_seconds=300
    )
    Route.objects.create(service=service, queue=queue, skills=[])
    for agent in agents:
        QueueMember.objects.filter(agent_id=UUID(agent)).delete()
        QueueMember.objects.create(queue=queue, agent_id=UUID(agent))
    catalogue_changed()


def key_menu(*, code: str, number: str, queue: str) -> None:
    """A menu at this number that waits a minute for the key 1, which leads to this queue."""
    from civicline.channels.voice.flows import services as flows
    from civicline.engine.callflow import flow_as_plain, nodes

    flows.save_flow(code=code, name={"en": code}, numbers=[number])
    flows.save_prompt(key=f"{code}-ask", texts={"en": "Press one for us."})
    flow = nodes.Flow(
        start="menu", languages=("en",), give_up="bye",
        nodes={
            "menu": nodes.AskDigit(
                f"{code}-ask", (nodes.Choice("1", "line"),), silence="bye", invalid="bye", repeats=0, seconds=60
            ),
            "line": nodes.Queue(queue, full="bye"),
            "bye": nodes.HangUp(),
        },
    )  # fmt: skip
    flows.replace_draft(code=code, plain=flow_as_plain(flow))
    flows.publish(code=code, note="test")


def walked_menu(*, code: str, number: str, keys: str, queue: str) -> None:
    """A menu at this number in which only these keys, one after the other, lead to this queue."""
    from civicline.channels.voice.flows import services as flows
    from civicline.engine.callflow import flow_as_plain, nodes

    flows.save_flow(code=code, name={"en": code}, numbers=[number])
    flows.save_prompt(key=f"{code}-ask", texts={"en": "Which key?"})
    steps = [f"step-{turn}" for turn in range(len(keys))]
    asked = {
        step: nodes.AskDigit(
            f"{code}-ask", (nodes.Choice(key, after),), silence="bye", invalid="bye", repeats=0, seconds=60
        )
        for step, key, after in zip(steps, keys, [*steps[1:], "line"], strict=True)
    }
    flow = nodes.Flow(
        start=steps[0], languages=("en",), give_up="bye",
        nodes={**asked, "line": nodes.Queue(queue, full="bye"), "bye": nodes.HangUp()},
    )  # fmt: skip
    flows.replace_draft(code=code, plain=flow_as_plain(flow))
    flows.publish(code=code, note="test")


def offer_menu(*, code: str, number: str, queue: str) -> None:
    """A menu at this number that offers to call back, in the place of this queue."""
    from civicline.channels.voice.flows import services as flows
    from civicline.engine.callflow import flow_as_plain, nodes

    flows.save_flow(code=code, name={"en": code}, numbers=[number])
    flow = nodes.Flow(
        start="offer", languages=("en",), give_up="line",
        nodes={
            "offer": nodes.OfferCallback(queue, accepted="bye", refused="line", seconds=30),
            "line": nodes.Queue(queue, full="bye"),
            "bye": nodes.HangUp(),
        },
    )  # fmt: skip
    flows.replace_draft(code=code, plain=flow_as_plain(flow))
    flows.publish(code=code, note="test")


def without_us() -> list[list[str]]:
    """Calls that the exchange served or lost by itself, as they were written down later."""
    from civicline.channels.voice.models import Call
    from civicline.intake.models import Contact

    found = Contact.objects.filter(channel="voice").exclude(pk__in=Call.objects.values("contact_id"))
    return [[one.state, one.disposition] for one in found.order_by("arrived_at")]


def administrator(*, language: str) -> str:
    """Somebody who draws menus, in this language; their id."""
    from civicline.people import services as people
    from civicline.people.models import User
    from civicline.people.roles import Role

    email = f"draws-{language}@saltmere.example"
    user = User.objects.filter(email=email).first()
    user = user or people.create_staff(email=email, name="Amina", roles=[Role.ADMINISTRATOR])
    people.set_preferences(user_id=user.pk, language=language)
    return str(user.pk)


ORDERS: dict[str, Callable[..., Any]] = {
    one.__name__: one for one in (own_line, key_menu, walked_menu, offer_menu, without_us, administrator)
}
