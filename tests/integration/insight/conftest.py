"""A fresh journal around every test: it is kept per process."""

from collections.abc import Iterator

import pytest

from civicline.insight.journal import forget_journal


@pytest.fixture(autouse=True)
def _fresh_journal() -> Iterator[None]:
    forget_journal()
    yield
    forget_journal()
