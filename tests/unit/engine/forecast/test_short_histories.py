"""A history of a few weeks: the second week's ranges are those of the first, and nothing is judged too early."""

import numpy as np
import pytest

from civicline.engine.forecast import forecast
from tests.unit.engine.forecast.histories import daily


@pytest.mark.parametrize("days", [14, 15, 21, 28, 35, 42, 49, 56, 63])
def test_a_few_weeks_give_a_forecast_of_two(days: int) -> None:
    told = forecast(daily(days), horizon=14)
    assert told.expected.shape == (14, 1)
    assert np.isfinite(told.expected).all()
    assert (told.low <= told.expected).all()
    assert (told.expected <= told.high).all()
