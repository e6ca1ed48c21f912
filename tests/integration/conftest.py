"""What tests of several rooms need."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from civicline.api.webhooks.deliveries import WebhookWorker
from civicline.config import wiring
from civicline.kernel import bus
from civicline.people import erasure
from civicline.routing import services as routing
from tests.integration.api.receiver import Receiver, receiving
from tests.town import Town


@pytest.fixture
def every_room() -> Iterator[None]:
    """The steps of erasure of every room, as at start; afterwards those of before."""
    before = erasure.steps()
    wiring.personal_data.__wrapped__()
    yield
    for name in erasure.steps():
        erasure.unregister(name)
    for name, step in before.items():
        erasure.register(name, erase=step.erase, export=step.export, kept=step.kept, files=step.files)


@pytest.fixture
def receiver(settings: Any) -> Iterator[Receiver]:
    """Another system's server, at an address of this machine that webhooks may call."""
    settings.CIVICLINE = replace(settings.CIVICLINE, webhooks_private=True)
    with receiving() as ready:
        yield ready


@pytest.fixture
def worker() -> Iterator[WebhookWorker]:
    """Who sends what is due."""
    made = WebhookWorker()
    yield made
    made.close()


@pytest.fixture
def in_charge(town: Town) -> Iterator[None]:
    """The town's dispatcher hears hints and decides for this process within a contact's write, as its thread would."""
    with bus.subscribe(["queue-line"], town.dispatcher.nudges.take):
        routing.put_in_charge(town.dispatcher)
        yield
        routing.relieve(town.dispatcher)
