"""The servers that tests start leave nothing behind."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.servers import Civicline


def test_nothing_runs_on_after_a_start_that_took_too_long(tmp_path: Path) -> None:
    server = Civicline(tmp_path / "var")
    with pytest.raises(AssertionError, match="in vain"):
        server.start(seconds=0)
    assert server.process is not None
    assert server.process.poll() is not None
