"""What planning keeps, in rows."""

from civicline.workforce.models.day_offers import DayInvite, DayOffer, DayOfferTaken
from civicline.workforce.models.on_call import CallOut, OnCallDuty, OnCallRule
from civicline.workforce.models.places import Place, Site
from civicline.workforce.models.planning import (
    ChangeRequest,
    Contract,
    DayMark,
    Decision,
    FeedKey,
    Forecast,
    HistoryDay,
    KeptWish,
    Leave,
    Pattern,
    Schedule,
    Shift,
    Staffing,
    WhatIf,
    Wish,
)
from civicline.workforce.models.trades import DutyTrade, ShiftTrade, Trade

__all__ = [
    "CallOut",
    "ChangeRequest",
    "Contract",
    "DayInvite",
    "DayMark",
    "DayOffer",
    "DayOfferTaken",
    "Decision",
    "DutyTrade",
    "FeedKey",
    "Forecast",
    "HistoryDay",
    "KeptWish",
    "Leave",
    "OnCallDuty",
    "OnCallRule",
    "Pattern",
    "Place",
    "Schedule",
    "Shift",
    "ShiftTrade",
    "Site",
    "Staffing",
    "Trade",
    "WhatIf",
    "Wish",
]
