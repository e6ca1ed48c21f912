"""What planning keeps, in rows."""

from civicline.workforce.models.on_call import CallOut, OnCallDuty, OnCallRule
from civicline.workforce.models.places import Place, Site
from civicline.workforce.models.planning import (
    ChangeRequest,
    Contract,
    DayMark,
    DayOffer,
    DayOfferTaken,
    Decision,
    FeedKey,
    Forecast,
    HistoryDay,
    Leave,
    Pattern,
    Schedule,
    Shift,
    Staffing,
    Trade,
    WhatIf,
    Wish,
)

__all__ = [
    "CallOut",
    "ChangeRequest",
    "Contract",
    "DayMark",
    "DayOffer",
    "DayOfferTaken",
    "Decision",
    "FeedKey",
    "Forecast",
    "HistoryDay",
    "Leave",
    "OnCallDuty",
    "OnCallRule",
    "Pattern",
    "Place",
    "Schedule",
    "Shift",
    "Site",
    "Staffing",
    "Trade",
    "WhatIf",
    "Wish",
]
