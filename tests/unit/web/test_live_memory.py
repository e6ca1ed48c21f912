"""What is set aside is not walked again, and not kept for ever either."""

import gc
import weakref

from civicline.web.live.memory import GROWTH, MemoryKeeper


class Ring:
    """Part of a cycle that only the collector can free."""

    def __init__(self) -> None:
        self.me = self


def test_what_settled_is_set_aside_when_many_came() -> None:
    count = GROWTH - 1
    keeper = MemoryKeeper(lambda: count)
    try:
        before = gc.get_freeze_count()
        keeper.look()
        assert gc.get_freeze_count() == before
        count = GROWTH
        keeper.look()
        assert gc.get_freeze_count() > before
    finally:
        gc.unfreeze()


def test_garbage_that_was_set_aside_is_gone_after_the_pause() -> None:
    keeper = MemoryKeeper(lambda: 0)
    try:
        ring = Ring()
        seen = weakref.ref(ring)
        gc.freeze()
        del ring
        gc.collect()
        assert seen() is not None
        keeper.tidy()
        assert seen() is None
    finally:
        gc.unfreeze()
