"""What `GET requests` and `GET servicerequestupdates` are asked for, as typed values."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from civicline.channels.open311.errors import RefusalError
from civicline.channels.open311.fields import Fields
from civicline.channels.open311.moments import read_moment

SPAN = timedelta(days=90)
MAX_ROWS = 1000
MAX_PAGE = 100_000
MAX_IDS = 500
STATUSES = ("open", "closed")


@dataclass(frozen=True)
class RequestQuery:
    """Filters of `GET requests`. Empty tuples and None filter nothing; moments are UTC, both ends included."""

    references: tuple[str, ...] = ()
    service_codes: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()
    opened_from: datetime | None = None
    opened_to: datetime | None = None
    updated_after: datetime | None = None
    updated_before: datetime | None = None
    page: int = 1
    page_size: int = MAX_ROWS
    extensions: bool = False

    @property
    def offset(self) -> int:
        """Rows before this page."""
        return (self.page - 1) * self.page_size


def read_request_query(fields: Fields, *, now: datetime, zone: ZoneInfo) -> RequestQuery:
    """Return the query; raises `RefusalError` (400) with every fault found.

    `service_request_id` overrides all else, as the specification says: the other filters are then not even read.
    Without dates the last 90 days are searched; with `updated_after` or `updated_before` alone, all of them.
    """
    extensions = fields.one("extensions").lower() in ("true", "1", "yes")
    references = tuple(fields.listed("service_request_id"))
    if references:
        if len(references) > MAX_IDS:
            fields.wrong(
                _("At most %(limit)s service_request_id can be asked for at once.") % {"limit": MAX_IDS}
            )
        return _checked(fields, RequestQuery(references=references, extensions=extensions))
    opened_from, opened_to = _span(fields, now=now, zone=zone)
    query = RequestQuery(
        service_codes=tuple(fields.listed("service_code")),
        statuses=_statuses(fields),
        opened_from=opened_from,
        opened_to=opened_to,
        updated_after=_moment(fields, "updated_after", zone),
        updated_before=_moment(fields, "updated_before", zone),
        page=_number(fields, "page", default=1, maximum=MAX_PAGE),
        page_size=_number(fields, "page_size", default=MAX_ROWS, maximum=MAX_ROWS),
        extensions=extensions,
    )
    return _checked(fields, query)


def read_span(fields: Fields, *, now: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return the span that `start_date` and `end_date` ask for; raises `RefusalError` (400)."""
    start, end = _span(fields, now=now, zone=zone)
    if fields.faults:
        raise RefusalError(fields.faults)
    return start or now - SPAN, end or now


def _checked(fields: Fields, query: RequestQuery) -> RequestQuery:
    if fields.faults:
        raise RefusalError(fields.faults)
    return query


def _span(fields: Fields, *, now: datetime, zone: ZoneInfo) -> tuple[datetime | None, datetime | None]:
    start, end = _moment(fields, "start_date", zone), _moment(fields, "end_date", zone)
    if start and end:
        if end < start:
            fields.wrong(_("end_date is before start_date."))
        elif end - start > SPAN + timedelta(hours=1):  # 90 days of a calendar with a change of clocks in them
            fields.wrong(_("start_date and end_date may not be more than 90 days apart."))
        return start, end
    try:
        if start:
            return start, start + SPAN
        if end:
            return end - SPAN, end
    except OverflowError:
        fields.wrong(_("The dates are outside the years that can be searched."))
        return None, None
    if fields.all("updated_after") or fields.all("updated_before"):
        return None, None
    return now - SPAN, None


def _moment(fields: Fields, name: str, zone: ZoneInfo) -> datetime | None:
    text = fields.one(name, max_length=40)
    if not text:
        return None
    at = read_moment(text, zone)
    if at is None:
        fields.wrong(_("%(name)s is not a date and time such as 2026-05-01T09:30:00-05:00.") % {"name": name})
    return at


def _statuses(fields: Fields) -> tuple[str, ...]:
    statuses = tuple(status.lower() for status in fields.listed("status"))
    unknown = [status for status in statuses if status not in STATUSES]
    if unknown:
        fields.wrong(
            _("The status “%(status)s” is not known. Ask for open or closed.") % {"status": unknown[0][:40]}
        )
    return statuses


def _number(fields: Fields, name: str, *, default: int, maximum: int) -> int:
    text = fields.one(name, max_length=12)
    if not text:
        return default
    number = int(text) if text.isascii() and text.isdigit() and len(text) <= 12 else 0
    if not 1 <= number <= maximum:
        fields.wrong(
            _("%(name)s is a whole number from 1 to %(maximum)s.") % {"name": name, "maximum": f"{maximum:,}"}
        )
        return default
    return number
