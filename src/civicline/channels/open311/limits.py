"""How often one address or one key may call, counted per minute."""

from django.utils.translation import gettext as _

from civicline.channels.open311.errors import Fault, RefusalError
from civicline.kernel.limits import Allowance, count

WINDOW_S = 60


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
    return Allowance(limit, limit - used, reset)
