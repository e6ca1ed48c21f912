"""Two processes take the files of this folder, each the next one when it is free: those that take long come first."""

from __future__ import annotations

import pytest

LONG = ("tests/e2e/test_every_page.py", "tests/e2e/telephone/")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The long files to the front; among the others nothing changes its place."""
    items.sort(key=_place)


def _place(item: pytest.Item) -> int:
    return next((at for at, start in enumerate(LONG) if item.nodeid.startswith(start)), len(LONG))
