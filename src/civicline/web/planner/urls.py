"""Addresses of planning."""

from django.urls import path

from civicline.web.planner import days, forecasting, staffing

app_name = "planner"
urlpatterns = [
    path("", forecasting.forecast, name="forecast"),
    path("forecast/run", forecasting.run, name="run_forecast"),
    path("forecast/today", forecasting.update, name="update_forecast"),
    path("forecast/state", forecasting.state, name="forecast_state"),
    path("days/", days.marks, name="days"),
    path("days/<int:mark_id>/remove", days.remove, name="remove_day"),
    path("history/", days.history, name="history"),
    path("history/count", days.count, name="count_history"),
    path("people/", staffing.needs, name="needs"),
    path("people/<slug:code>/", staffing.rule, name="rule"),
]
