"""How often one token, one resident or one address may call, counted per minute.

A token has a limit of its own; calls with the secret of a contact count by that secret; all others by address.
"""

from __future__ import annotations

from dataclasses import dataclass

from civicline.api.problems import Problem
from civicline.kernel.limits import count

WINDOW_S = 60
PUBLIC_PER_MINUTE = 600
RESIDENT_PER_MINUTE = 240


@dataclass(frozen=True, slots=True)
class Allowance:
    """What is left in this minute; `reset` in seconds."""

    limit: int
    remaining: int
    reset: int

    def headers(self) -> dict[str, str]:
        """The fields of draft-ietf-httpapi-ratelimit-headers-06, section 3."""
        return {
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(self.remaining),
            "RateLimit-Reset": str(self.reset),
            "RateLimit-Policy": f"{self.limit};w={WINDOW_S}",
        }


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
