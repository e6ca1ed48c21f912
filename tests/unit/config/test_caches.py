"""The shared cache on a day without Redis: slower to agree, never in the way."""

from collections.abc import Iterator

import pytest

from civicline.config import caches
from tests.servers import free_port


@pytest.fixture
def cache(monkeypatch: pytest.MonkeyPatch) -> Iterator[caches.SharedCache]:
    """A cache whose Redis is gone."""
    monkeypatch.setitem(caches._of_this_process, "ask again", 0.0)
    options = {"OPTIONS": {"socket_connect_timeout": 1}}
    made = caches.SharedCache(f"redis://127.0.0.1:{free_port()}/0", options)
    yield made
    made.clear()


def test_each_process_keeps_its_own_for_a_while(cache: caches.SharedCache) -> None:
    assert cache.get("place", "nowhere") == "nowhere"
    cache.set("place", "here", 60)
    assert cache.get("place") == "here"
    assert cache.get_many(["place", "time"]) == {"place": "here"}
    cache.delete("place")
    assert not cache.has_key("place")


def test_limits_go_on_counting(cache: caches.SharedCache) -> None:
    assert cache.add("tries", 1, 60)
    assert not cache.add("tries", 1, 60)
    assert cache.incr("tries") == 2


def test_a_redis_that_is_gone_is_not_asked_for_each_page(cache: caches.SharedCache) -> None:
    cache.get("anything")
    assert caches._of_this_process["ask again"] > 0.0
