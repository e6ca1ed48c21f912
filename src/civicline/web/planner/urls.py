"""Addresses of planning."""

from django.urls import path

from civicline.web.planner import days, forecasting, kept, requests, shifts, staffing, teams, week, what_if

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
    path("week/", week.week, name="week"),
    path("week/<str:text>/plan", week.plan, name="plan_week"),
    path("week/<str:text>/state", week.state, name="week_state"),
    path("week/<str:text>/publish", week.publish, name="publish_week"),
    path("shifts/new/", shifts.new, name="new_shift"),
    path("shifts/<uuid:shift_id>/", shifts.edit, name="shift"),
    path("shifts/<uuid:shift_id>/remove", shifts.remove, name="remove_shift"),
    path("requests/", requests.requests, name="requests"),
    path("requests/leave/<uuid:leave_id>", requests.decide_leave, name="decide_leave"),
    path("requests/trades/<uuid:trade_id>", requests.decide_trade, name="decide_trade"),
    path("requests/offers/<int:offer_id>/close", requests.close_offer, name="close_offer"),
    path("kept/", kept.kept, name="kept"),
    path("what-if/", what_if.what_ifs, name="what_ifs"),
    path("what-if/<uuid:what_if_id>/", what_if.what_if, name="what_if"),
    path("what-if/<uuid:what_if_id>/state", what_if.state, name="what_if_state"),
    path("what-if/<uuid:what_if_id>/apply", what_if.apply, name="apply"),
    path("changes/", what_if.changes, name="changes"),
    path("changes/<uuid:request_id>/decide", what_if.decide, name="decide_change"),
    path("team/", teams.team, name="team"),
    path("team/<uuid:agent_id>/", teams.contract, name="contract"),
    path("patterns/new/", teams.pattern, name="new_pattern"),
    path("patterns/<slug:code>/", teams.pattern, name="pattern"),
]
