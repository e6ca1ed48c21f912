"""Cases asked for by telephone: a caller types the reference on keys, and proves it by PIN or by their number.

The phone PIN is six digits that follow from the hash of the case's secret and the installation's own key
(HMAC-SHA-256): whoever has the secret sees the PIN on the page of the case, and nothing new is stored.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence

from django.utils.crypto import salted_hmac

from civicline.cases.models import Case
from civicline.people import personal

PIN_DIGITS = 6
_SALT = "civicline.cases.phone_pin"


def phone_pin(case: Case) -> str:
    """The six digits that open this case on the telephone."""
    digest = salted_hmac(_SALT, f"{case.pk}:{case.secret_hash}", algorithm="sha256").digest()
    number = int.from_bytes(digest[:8], "big") % 10**PIN_DIGITS
    return f"{number:0{PIN_DIGITS}d}"


def find_by_phone_pin(references: Sequence[str], pin: str) -> Case | None:
    """The one case of these references that has this PIN. None for none, and for two that nobody could tell apart."""
    given = hashlib.sha256(pin.encode()).digest()
    found = [
        case
        for case in Case.objects.filter(reference__in=references).select_related("service", "resident")
        if hmac.compare_digest(hashlib.sha256(phone_pin(case).encode()).digest(), given)
    ]
    return found[0] if len(found) == 1 else None


def find_of_number(references: Sequence[str], number: str) -> list[Case]:
    """The cases of these references whose resident has this telephone number (E.164)."""
    phone = personal.clean_phone(number)
    rows = Case.objects.filter(reference__in=references, resident__phone=phone).exclude(resident__phone="")
    return list(rows.select_related("service", "resident"))
