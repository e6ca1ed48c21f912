"""What planning tells the rest of the house, in the past tense."""

from civicline.kernel.events import EventType

HISTORY_IMPORTED = EventType("history.imported")
"""data: days, queues (codes)."""

FORECAST_MADE = EventType("forecast.made")
"""data: queue, first (ISO day), days."""

FORECAST_FAILED = EventType("forecast.failed")
"""data: queue."""

DAY_MARKED = EventType("day.marked")
"""data: kind, first, last, removed (bool)."""

STAFFING_CHANGED = EventType("staffing.changed")
"""data: changed (names of fields)."""

SCHEDULE_PLANNED = EventType("schedule.planned")
"""data: week, shifts, findings (number)."""

SCHEDULE_PUBLISHED = EventType("schedule.published")
"""data: week, shifts."""

SHIFT_CHANGED = EventType("shift.changed")
"""data: change (added, moved, given, removed), agent, start, end."""

LEAVE_ASKED = EventType("leave.asked")
"""data: agent, first, last, kind."""

LEAVE_DECIDED = EventType("leave.decided")
"""data: agent, state, by_rule."""

TRADE_ASKED = EventType("trade.asked")
"""data: kind, shift."""

TRADE_DECIDED = EventType("trade.decided")
"""data: kind, shift, state, by_rule."""

DAY_OFFERED = EventType("day_offer.made")
"""data: kind, start, end, places."""

DAY_OFFER_TAKEN = EventType("day_offer.taken")
"""data: agent."""

DAY_OFFER_DECLINED = EventType("day_offer.declined")
"""data: agent."""

DAY_OFFER_UNDONE = EventType("day_offer.undone")
"""data: agent."""

SCENARIO_SIMULATED = EventType("scenario.simulated")
"""data: days."""

CHANGE_ASKED = EventType("plan_change.asked")
"""data: scenario."""

CHANGE_DECIDED = EventType("plan_change.decided")
"""data: scenario, state."""

CALLED_OUT = EventType("on_call.called_out")
"""data: agent, start, end."""

DUTY_TRADE_ASKED = EventType("duty_trade.asked")
"""data: kind, duty."""

DUTY_TRADE_DECIDED = EventType("duty_trade.decided")
"""data: kind, duty, state, by_rule."""
