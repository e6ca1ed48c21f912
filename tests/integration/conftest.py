"""What tests of several rooms need."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from civicline.config import wiring
from civicline.people import erasure


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
