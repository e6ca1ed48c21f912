"""A bound on guessing phone PINs, counted in the shared cache: by case and by caller.

A PIN has six digits. Five wrong ones an hour for one case are 120 a day: one in 8,000 days of trying opens it.
When the counter is away nothing is opened by PIN: people help then.
"""

from __future__ import annotations

from civicline.kernel import limits

WINDOW_S = 3600
WRONG_FOR_CASE = 5
WRONG_FROM_CALLER = 10
WRONG_FROM_WITHHELD = 60
LOOKS_FROM_CALLER = 40
LOOKS_FROM_WITHHELD = 400
TOO_MANY = 1_000_000
"""Stands for what cannot be counted."""


def may_look(caller: str) -> bool:
    """Count one look at a reference; False past the limit of the hour."""
    return _count("look", caller) <= (LOOKS_FROM_CALLER if caller else LOOKS_FROM_WITHHELD)


def may_try(caller: str, keys: str) -> bool:
    """Whether a PIN may be tried from this number for what was typed as a reference."""
    most = WRONG_FROM_CALLER if caller else WRONG_FROM_WITHHELD
    return _seen("caller", caller) < most and _seen("case", keys) < WRONG_FOR_CASE


def was_wrong(caller: str, keys: str) -> None:
    """Count a wrong PIN."""
    _count("caller", caller)
    _count("case", keys)


def _count(kind: str, who: str) -> int:
    return limits.count(f"callflow:{kind}", who, seconds=WINDOW_S, away=TOO_MANY).used


def _seen(kind: str, who: str) -> int:
    return limits.seen(f"callflow:{kind}", who, seconds=WINDOW_S, away=TOO_MANY)
