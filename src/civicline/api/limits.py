"""How often one token, one resident or one address may call, counted per minute.

A token has a limit of its own; calls with the secret of a contact count by that secret; all others by address.
"""

from __future__ import annotations

from civicline.api.problems import Problem
from civicline.kernel.limits import Allowance, count

WINDOW_S = 60
PUBLIC_PER_MINUTE = 600
RESIDENT_PER_MINUTE = 240


def spend(who: str, limit: int) -> Allowance:
    """Count one call of `who`; raises a 429 that says when to come back."""
    used, reset = count("api:rate", who, seconds=WINDOW_S)
    if used > limit:
        allowance = Allowance(limit, 0, reset)
        raise Problem(
            "rate-limited",
            f"At most {limit} requests in a minute are answered. Try again in {reset} seconds.",
            headers={"Retry-After": str(reset), **allowance.headers()},
        )
    return Allowance(limit, limit - used, reset)
