"""Events of queues and offers, by name and version."""

from civicline.kernel.events import EventType

OFFER_MADE = EventType("offer.made", version=1)
OFFER_ACCEPTED = EventType("offer.accepted", version=1)
OFFER_DECLINED = EventType("offer.declined", version=1)
OFFER_TIMED_OUT = EventType("offer.timed_out", version=1)
OFFER_WITHDRAWN = EventType("offer.withdrawn", version=1)
POSITION_CHANGED = EventType("queue.position_changed", version=1)
QUEUE_CHANGED = EventType("queue.changed", version=1)
ALARM_RAISED = EventType("alarm.raised", version=1)
ALARM_TAKEN = EventType("alarm.taken", version=1)
ALARM_OVER = EventType("alarm.over", version=1)
ALARM_SNOOZED = EventType("alarm.snoozed", version=1)
