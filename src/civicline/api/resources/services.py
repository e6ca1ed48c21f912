"""Services: what the public body offers, with hours and waits as they are now. Open to everybody."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from django.utils.translation import get_language

from civicline.api.operation import Answer, Call, operation
from civicline.api.problems import Problem
from civicline.api.resources.documents import WaitRange, range_of
from civicline.api.schema import Rule
from civicline.kernel.texts import localized
from civicline.routing import selectors as routing


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceWait:
    """How it stands for somebody who comes now."""

    waiting: Annotated[int, Rule("People in the line.", least=0)]
    range: WaitRange | None
    reason: Annotated[
        str,
        Rule("Why there is no range: closed, nobody_staffed, nobody_answers, staff_leaves, too_little_data."),
    ]
    full: Annotated[bool, Rule("The line takes nobody more: write instead.")]
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """When it is open."""

    open: bool
    opens_at: Annotated[datetime | None, Rule("When it opens next, while it is closed.")]
    closes_at: Annotated[datetime | None, Rule("When it closes next, while it is open.")]
    reason: Annotated[str, Rule("Why it is closed, such as the name of a holiday.")]
    time_zone: Annotated[str, Rule("IANA name of the zone of `week`.")]
    week: Annotated[tuple[Any, ...], Rule("Shifts of a usual week: day (0 is Monday), start and end.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """What residents can ask for."""

    code: str
    name: Annotated[str, Rule("In the language of Accept-Language, as far as there is one.")]
    description: str
    group: str
    case_type: Annotated[str, Rule("The type of case it leads to; empty for a question.")]
    channels: Annotated[tuple[str, ...], Rule("The ways in.")]
    hours: Hours
    wait: Annotated[ServiceWait, Rule("For a chat that begins now.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceList:
    """All services, in the order the public body chose."""

    items: tuple[Service, ...]


@operation("GET", "/services", tag="services", answer=ServiceList)
def list_services(call: Call) -> Answer:
    """List services with live waits and hours."""
    return Answer(ServiceList(items=_documents(routing.waits_now())))


@operation("GET", "/services/{code}", tag="services", answer=Service)
def get_service(call: Call) -> Answer:
    """Read a service with its live wait and hours."""
    return Answer(_one(call))


@operation("GET", "/services/{code}/wait", tag="services", answer=ServiceWait)
def get_service_wait(call: Call) -> Answer:
    """Read how long a service lets people wait now."""
    return Answer(_one(call).wait)


def _one(call: Call) -> Service:
    found = [row for row in routing.waits_now() if row.service.code == call.path["code"]]
    if not found:
        raise Problem("not-found", "There is no such service.")
    return _documents(found)[0]


def _documents(rows: Iterable[routing.ServiceWait]) -> tuple[Service, ...]:
    language = get_language() or "en"
    return tuple(_document(row, language) for row in rows)


def _document(row: routing.ServiceWait, language: str) -> Service:
    service, calendar = row.service, row.service.calendar
    return Service(
        code=service.code,
        name=localized(service.name, language),
        description=localized(service.description, language),
        group=localized(service.group, language),
        case_type=service.case_type,
        channels=tuple(service.channels),
        hours=Hours(
            open=row.open,
            opens_at=row.opens_at,
            closes_at=row.closes_at,
            reason="" if row.open else row.closed_reason,
            time_zone=calendar.timezone,
            week=tuple(calendar.weekly),
        ),
        wait=ServiceWait(
            waiting=row.waiting,
            range=range_of(row.wait.range),
            reason=row.wait.reason,
            full=row.full,
            at=row.wait.at,
        ),
    )
