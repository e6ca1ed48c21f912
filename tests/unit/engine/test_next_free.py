"""When the next of some people who talk is free, beside drawn talks."""

import numpy as np
import pytest

from civicline.engine.next_free import next_free_within


@pytest.mark.parametrize("talking", [1, 3, 20])
def test_it_holds_in_the_share_of_cases_that_it_says(talking: int) -> None:
    ends = np.random.default_rng(5).exponential(240.0, size=(20_000, talking)).min(axis=1)
    within = next_free_within(240.0, talking=talking)
    assert within is not None
    assert float((ends <= within).mean()) == pytest.approx(0.8, abs=0.01)


def test_while_nobody_talks_nothing_is_told() -> None:
    assert next_free_within(240.0, talking=0) is None


@pytest.mark.parametrize(("mean", "share"), [(0.0, 0.8), (-1.0, 0.8), (60.0, 1.0), (60.0, 0.0)])
def test_what_makes_no_sense_is_refused(mean: float, share: float) -> None:
    with pytest.raises(ValueError, match="are needed"):
        next_free_within(mean, talking=1, share=share)
