"""A small town for tests: real services underneath, made of as little as a story needs."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from civicline.intake import services as intake
from civicline.intake.deliveries import DeliveryWorker
from civicline.intake.models import Calendar, Contact, Service
from civicline.intake.ports import ChannelAdapter, Inbound
from civicline.kernel.clock import ManualClock
from civicline.kernel.relay import Relay
from civicline.people import services as people
from civicline.people.models import Agent, AgentSkill, Presence, Skill
from civicline.people.roles import Role
from civicline.routing.dispatcher import Dispatcher
from civicline.routing.lines import forget_lines
from civicline.routing.models import Queue, QueueMember, Route

ALWAYS = [{"day": day, "start": "00:00", "end": "24:00"} for day in range(7)]
MONDAY_MORNING = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


SOLVED_CHAT = [
    "contact.received",
    "contact.queued",
    "offer.made",
    "offer.accepted",
    "contact.connected",
    "contact.wrap_up_started",
    "contact.closed",
]
"""What happens to a chat that its first agent takes and solves, in this order."""


class Town:
    """Services `council-tax` and `benefits`, each with a queue of the same code, open all the time."""

    def __init__(self, clock: ManualClock) -> None:
        from civicline.config import wiring

        self.clock = clock
        self.calendar = Calendar.objects.create(
            code="always", name={"en": "Always"}, timezone="UTC", weekly=ALWAYS
        )
        for position, code in enumerate(("council-tax", "benefits")):
            self.queue(code, position=position)
        self.relay = Relay(wiring.handlers())
        self.adapters: dict[str, ChannelAdapter] = wiring.adapters()
        self.deliveries = DeliveryWorker(self.adapters)
        self.dispatcher = Dispatcher()
        self.restart_dispatcher()

    def queue(self, code: str, **fields: Any) -> Queue:
        """A service, its queue and the route between them, all under one code."""
        service = Service.objects.create(
            code=code, name={"en": code}, calendar=self.calendar, channels=["chat", "webform", "open311"]
        )
        queue = Queue.objects.create(code=code, name={"en": code}, calendar=self.calendar, **fields)
        Skill.objects.get_or_create(code=code, defaults={"kind": "service", "name": {"en": code}})
        Route.objects.create(service=service, queue=queue, skills=[[code, 1]])
        return queue

    def agent(
        self,
        name: str,
        *,
        queues: list[str],
        skills: dict[str, int],
        languages: tuple[str, ...] = ("en",),
        capacity: dict[str, int] | None = None,
    ) -> UUID:
        """An agent who is available now; returns the id."""
        user = people.create_staff(
            email=f"{name.lower()}@saltmere.example",
            name=name,
            roles=[Role.AGENT],
            password="open sesame 12",
            capacity=capacity or {"voice": 1, "chat": 3, "written": 5},
        )
        agent = Agent.objects.get(pk=user.pk)
        for code, level in skills.items():
            AgentSkill.objects.create(agent=agent, skill=Skill.objects.get(code=code), level=level)
        for language in languages:
            skill, _ = Skill.objects.get_or_create(code=language, defaults={"kind": "language"})
            AgentSkill.objects.create(agent=agent, skill=skill, level=5)
        for code in queues:
            QueueMember.objects.create(queue=Queue.objects.get(code=code), agent=agent)
        people.set_presence(agent_id=agent.pk, state="available")
        return user.pk

    def chat(self, service: str, text: str = "Hello", **fields: Any) -> Contact:
        """A resident starts a chat."""
        return intake.receive(
            inbound=Inbound(channel="chat", text=text, service_code=service, **fields)
        ).contact

    def write(self, service: str, text: str = "Hello", **fields: Any) -> Contact:
        """A resident sends a form."""
        return intake.receive(
            inbound=Inbound(channel="webform", text=text, service_code=service, **fields)
        ).contact

    def presence(self, agent_id: UUID) -> str:
        """What an agent does now."""
        return Presence.objects.get(pk=agent_id).state

    def restart_dispatcher(self) -> None:
        """As after a crash: all memory is gone, the rows are there."""
        self.dispatcher.lease.release()
        self.dispatcher = Dispatcher()
        fence = self.dispatcher.lease.acquire()
        assert fence is not None
        self.dispatcher.start(fence)
        self.dispatcher.nudges.drain()

    def settle(self) -> None:
        """Let relay, dispatcher and delivery worker do all they owe now, as their threads would."""
        forget_lines()
        for _ in range(4):
            self.relay.drain()
            self.dispatcher.lease.renew()
            self.dispatcher.floor.look(self.clock.now().timestamp())
            self.dispatcher.step()
            self.deliveries.run_due()
        forget_lines()
