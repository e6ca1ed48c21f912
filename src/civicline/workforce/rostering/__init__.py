"""Rosters by optimisation: the published benchmark instances, and a week of one's own.

Free of Django and of the database: plain values in, a roster out.
"""

from civicline.workforce.rostering.instance import Instance, Penalty, penalty
from civicline.workforce.rostering.problems import InstanceError
from civicline.workforce.rostering.reading import parse, read
from civicline.workforce.rostering.solving import NoRoster, Solution, keys, solve
from civicline.workforce.rostering.week.planning import plan_week
from civicline.workforce.rostering.week.selection import select_shifts
from civicline.workforce.rostering.week.values import (
    Break,
    Contract,
    Demand,
    Duty,
    Infeasible,
    OnCall,
    Past,
    Pattern,
    Person,
    Plan,
    Reason,
    Rules,
    Session,
    Shift,
    Training,
    WeekError,
    Wish,
)

__all__ = [
    "Break",
    "Contract",
    "Demand",
    "Duty",
    "Infeasible",
    "Instance",
    "InstanceError",
    "NoRoster",
    "OnCall",
    "Past",
    "Pattern",
    "Penalty",
    "Person",
    "Plan",
    "Reason",
    "Rules",
    "Session",
    "Shift",
    "Solution",
    "Training",
    "WeekError",
    "Wish",
    "keys",
    "parse",
    "penalty",
    "plan_week",
    "read",
    "select_shifts",
    "solve",
]
