"""How long the audit log is kept, and what of it a legal hold keeps longer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Q

from civicline.kernel import audit_trail, clock
from civicline.people import selectors
from civicline.people.models import LegalHold

FORGET_AUDIT = "people.forget_audit"


def forget_audit_job(_payload: Mapping[str, Any]) -> None:
    """Remove audit entries older than the setting `retention.audit_days`; seal first, for only seals are removed."""
    audit_trail.seal()
    audit_trail.dispose(before=audit_kept_since(clock.now()), keep=about_what_is_held())


def audit_kept_since(now: datetime) -> datetime:
    """Entries before this moment are removed by a job that runs at `now`."""
    return now - timedelta(days=settings.CIVICLINE.retention_audit_days)


def about_what_is_held() -> Q | None:
    """Audit entries about things and residents on legal hold: evidence like the things themselves. None: no holds."""
    holds = list(selectors.list_holds().values_list("kind", "object_id", "resident_id"))
    if not holds:
        return None
    wanted = Q()
    for kind in LegalHold.Kind.values:
        ids = [str(object_id) for one, object_id, _resident in holds if one == kind]
        if ids:
            wanted |= Q(object_kind=kind, object_id__in=ids)
    residents = {object_id for kind, object_id, _resident in holds if kind == LegalHold.Kind.RESIDENT}
    residents |= {resident for _kind, _object, resident in holds if resident is not None}
    return wanted | Q(resident_id__in=residents)
