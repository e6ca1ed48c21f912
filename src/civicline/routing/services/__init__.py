"""All writes of routing."""

from civicline.routing.services.alarms import (
    SNOOZE_MINUTES,
    settle_alarms,
    snooze_alarm,
    take_alarm,
    watch_alarms,
)
from civicline.routing.services.at_once import Told, came_to_nothing, offer_at_once, put_in_charge, relieve
from civicline.routing.services.calibration import learn_wait, tell_first_wait
from civicline.routing.services.clock_set import carry_offers_over
from civicline.routing.services.configure import (
    RingSpec,
    retire_queue,
    save_queue,
    save_route,
    set_members,
    set_rings,
)
from civicline.routing.services.experience import learn_waits
from civicline.routing.services.handover import hand_over
from civicline.routing.services.offers import (
    Candidate,
    LeaseLost,
    accept_late,
    accept_offer,
    decline_offer,
    expire_offers,
    store_offers,
    withdraw_offers,
)
from civicline.routing.services.resting import put_back, set_aside, wake
from civicline.routing.services.supervise import assign, move, prioritise, take_over
from civicline.routing.services.triage import due, enqueue, triage
from civicline.routing.services.work import (
    DISPOSITIONS,
    LOST_AFTER,
    close_wrap_up,
    complete,
    consult,
    leave_queue,
    reopen,
    resume,
    return_lost_contacts,
    start_wrap_up,
    transfer,
)

__all__ = [
    "DISPOSITIONS",
    "LOST_AFTER",
    "SNOOZE_MINUTES",
    "Candidate",
    "LeaseLost",
    "RingSpec",
    "Told",
    "accept_late",
    "accept_offer",
    "assign",
    "came_to_nothing",
    "carry_offers_over",
    "close_wrap_up",
    "complete",
    "consult",
    "decline_offer",
    "due",
    "enqueue",
    "expire_offers",
    "hand_over",
    "learn_wait",
    "learn_waits",
    "leave_queue",
    "move",
    "offer_at_once",
    "prioritise",
    "put_back",
    "put_in_charge",
    "relieve",
    "reopen",
    "resume",
    "retire_queue",
    "return_lost_contacts",
    "save_queue",
    "save_route",
    "set_aside",
    "set_members",
    "set_rings",
    "settle_alarms",
    "snooze_alarm",
    "start_wrap_up",
    "store_offers",
    "take_alarm",
    "take_over",
    "tell_first_wait",
    "transfer",
    "triage",
    "wake",
    "watch_alarms",
    "withdraw_offers",
]
