"""Forecasts of how many contacts will come, by slot of the day, with ranges. Pure: counts in, counts out.

Read a history with `read_history`, forecast a `Series` with `forecast`, correct a day under way with `learn_update`,
judge past weeks with `backtest`. docs/subsystems/forecast.md tells how it works and how good it is.
"""

from civicline.engine.forecast.accuracy import Accuracy, backtest, poisson_floor, simple_forecast
from civicline.engine.forecast.analogy import by_analogy, learned_scale
from civicline.engine.forecast.calendar import Calendar, Event
from civicline.engine.forecast.grid import History, read_history
from civicline.engine.forecast.history import Columns
from civicline.engine.forecast.intraday import Update, learn_update, rest_of_day
from civicline.engine.forecast.outlook import Outlook, forecast, outlook_at
from civicline.engine.forecast.problems import TEXTS, HistoryError, Told, TooShort
from civicline.engine.forecast.rolling import Rolling
from civicline.engine.forecast.series import Series

__all__ = [
    "TEXTS", "Accuracy", "Calendar", "Columns", "Event", "History", "HistoryError", "Outlook", "Rolling", "Series",
    "Told", "TooShort", "Update", "backtest", "by_analogy", "forecast", "learn_update", "learned_scale", "outlook_at",
    "poisson_floor", "read_history", "rest_of_day", "simple_forecast",
]  # fmt: skip
