"""`kill -9` five times, with a call in each of its states: nobody is cut off, nothing is left, all is written down."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests import servers
from tests.call_kills import Ground, killing_ground
from tests.conftest import _served

BEGINS_FIRST = True
KILLS = 5


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory, redis_server: servers.Redis) -> Iterator[Ground]:
    database = _served(f"voice_{os.urandom(4).hex()}")
    folder = tmp_path_factory.mktemp("kills")
    with killing_ground(folder, database=database, redis=redis_server.url) as made:
        yield made


@pytest.mark.parametrize("seed", range(KILLS))
def test_no_call_is_lost_nothing_is_left_and_all_is_written_down(ground: Ground, seed: int) -> None:
    before = {name: (tally.kept, tally.orphans) for name, tally in ground.tallies.items()}
    troubles = ground.round(seed)
    assert not troubles, "\n".join(troubles)
    assert {name: (tally.kept - 1, tally.orphans) for name, tally in ground.tallies.items()} == before
