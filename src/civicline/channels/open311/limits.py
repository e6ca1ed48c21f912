"""How often one address or one key may call, counted per minute."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from civicline.channels.open311.errors import Fault, RefusalError
from civicline.kernel.limits import count

WINDOW_S = 60


@dataclass(frozen=True)
class Allowance:
    """What is left in this minute. `reset` in seconds."""

    limit: int
    remaining: int
    reset: int

    def headers(self) -> dict[str, str]:
        """Return the RateLimit fields (draft-ietf-httpapi-ratelimit-headers, version 06)."""
        return {
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(self.remaining),
            "RateLimit-Reset": str(self.reset),
        }


def spend(who: str, limit: int) -> Allowance:
    """Count one call of `who` in this minute; raises a 429 that says when to come back."""
    used, reset = count("open311:rate", who, seconds=WINDOW_S)
    if used > limit:
        fault = Fault(
            429,
            _("Too many requests: at most %(limit)s in a minute. Try again in %(seconds)s seconds.")
            % {"limit": limit, "seconds": reset},
        )
        raise RefusalError(fault, retry_after=reset)
    return Allowance(limit=limit, remaining=limit - used, reset=reset)
