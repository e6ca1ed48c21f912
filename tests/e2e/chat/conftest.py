"""The whole application of one process, in this one: pages, live edge and bus, over the test's own database.

The test plays the colleague by calling services, and lets relay, dispatcher and delivery worker do what they owe when
it says so (`house.settle()`): nothing happens by itself, so nothing has to be waited for blindly. All of it runs in a
thread of its own: the browser's driver keeps an event loop in the test's thread, and Django's connections are then
bound to the calling context, not to the thread.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, TypeVar
from uuid import UUID

import pytest
import uvicorn
from django.db import connections

from civicline.config.asgi import application
from civicline.intake import selectors
from civicline.intake import services as intake
from civicline.intake.models import Calendar, Contact
from civicline.kernel import clock
from civicline.routing import services as routing
from civicline.routing.selectors import offers_of
from civicline.web.live import LiveEdge, uvicorn_options
from tests.servers import wait_until
from tests.town import Town

T = TypeVar("T")


@dataclass
class House:
    """A running town with a colleague who can be asked to act."""

    url: str
    thread: ThreadPoolExecutor
    edge: LiveEdge
    server: uvicorn.Server
    town: Town = field(init=False)

    def do(self, deed: Callable[..., T], *given: Any, **named: Any) -> T:
        """Run something that touches the database."""
        return self.thread.submit(lambda: deed(*given, **named)).result(60)

    def open(self) -> None:
        """Lay out the town."""
        self.town = self.do(Town, clock.SYSTEM)

    def settle(self) -> None:
        """Let everything be done that is owed."""
        self.do(self.town.settle)

    def contact(self) -> Contact:
        """The newest contact."""
        return self.do(lambda: Contact.objects.order_by("-arrived_at").select_related("service")[0])

    def agent(self, name: str = "Nadia", chats: int = 3) -> UUID:
        """A colleague comes to work."""
        languages = ("en", "ar", "fr", "es", "tr")
        return self.do(
            self.town.agent,
            name,
            queues=["council-tax"],
            skills={"council-tax": 4},
            languages=languages,
            capacity={"voice": 1, "chat": chats, "written": 5},
        )

    def take(self, agent: UUID) -> Contact:
        """The colleague is offered the chat and takes it."""
        self.settle()
        self.do(self._take, agent)
        self.settle()
        return self.contact()

    def _take(self, agent: UUID) -> None:
        (offer,) = offers_of(agent)
        routing.accept_offer(offer_id=offer.id, agent_id=agent)

    def reply(self, agent: UUID, text: str) -> None:
        """The colleague writes."""
        contact_id = self.contact().id
        self.do(intake.add_message, contact_id=contact_id, direction="out", body=text, author_id=agent)
        self.settle()

    def read(self) -> None:
        """The colleague reads all there is."""
        self.do(intake.mark_read, contact_id=self.contact().id, up_to=1_000, reader="staff")

    def complete(self, agent: UUID) -> None:
        """The colleague wraps up."""
        self.do(routing.complete, contact_id=self.contact().id, agent_id=agent, disposition="solved")

    def close_doors(self) -> None:
        """It is past the opening hours."""
        self.do(Calendar.objects.update, weekly=[])

    def bodies(self) -> list[str]:
        """What the server holds of the conversation."""
        contact_id = self.contact().id
        return self.do(lambda: [message.body for message in selectors.list_messages(contact_id)])


@pytest.fixture
def house(transactional_db: None) -> Iterator[House]:
    """A town of one process; its clock is the real one."""
    listener = socket.create_server(("127.0.0.1", 0))
    app, edge = application()
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", **uvicorn_options()))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    ours = ThreadPoolExecutor(1)
    wait_until(lambda: server.started, seconds=20, what="the server has started")
    try:
        made = House(f"http://127.0.0.1:{listener.getsockname()[1]}", ours, edge, server)
        made.open()
        yield made
    finally:
        edge.end_streams()
        server.should_exit = True
        thread.join(15)
        listener.close()
        ours.submit(connections.close_all).result(10)
        ours.shutdown()


@pytest.fixture
def resident(browser: Any, house: House) -> Iterator[Callable[..., Any]]:
    """Open a resident's browser at this house: `resident(locale="ar-EG", java_script_enabled=False)`."""
    contexts: list[Any] = []

    def arrive(**options: Any) -> Any:
        chosen = {"base_url": house.url, "locale": "en-GB", "reduced_motion": "reduce"} | options
        context = browser.new_context(**chosen)
        context.set_default_timeout(10_000)
        contexts.append(context)
        return context.new_page()

    yield arrive
    for context in contexts:
        context.close()
