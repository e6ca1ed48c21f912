"""What an app adds to a request that exists: `POST servicerequestupdates`, an extension that FixMyStreet speaks."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from civicline.channels.open311.errors import RefusalError
from civicline.channels.open311.fields import Fields
from civicline.channels.open311.moments import read_moment
from civicline.channels.open311.submission import MAX_DESCRIPTION, Reporter, read_media_urls, read_reporter


@dataclass(frozen=True)
class Update:
    """One addition. `external_id` is the app's own number of it: the same one twice is taken once."""

    service_request_id: str
    external_id: str
    description: str
    reporter: Reporter
    media_urls: tuple[str, ...]
    at: datetime | None


def read_update(fields: Fields, *, zone: ZoneInfo) -> Update:
    """Return the update; raises `RefusalError` (400). The status an app gives is its own view: not taken over."""
    moment = fields.one("updated_datetime", max_length=40)
    at = read_moment(moment, zone) if moment else None
    if moment and at is None:
        fields.wrong(_("updated_datetime is not a date and time such as 2026-05-01T09:30:00-05:00."))
    update = Update(
        service_request_id=fields.one("service_request_id", max_length=40),
        external_id=fields.one("update_id", max_length=60),
        description=fields.one("description", max_length=MAX_DESCRIPTION),
        reporter=read_reporter(fields),
        media_urls=read_media_urls(fields),
        at=at,
    )
    if not update.service_request_id:
        fields.wrong(_("service_request_id is missing."))
    if not update.description and not update.media_urls:
        fields.wrong(_("Say what is new: description is missing."))
    if fields.faults:
        raise RefusalError(fields.faults)
    return update
