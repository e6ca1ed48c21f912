"""Cases: open one, read it, list them, write updates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal
from uuid import UUID

from civicline.api.operation import Answer, Call, operation
from civicline.api.problems import Flaw, Problem
from civicline.api.resources.asking import by_id_or_reference, known_service, paged, read_record
from civicline.api.resources.documents import Code, Cursor, Limit, Next, Version
from civicline.api.schema import Rule
from civicline.cases import selectors as cases
from civicline.cases import services as case_services
from civicline.engine.workflow import CaseType, public_step
from civicline.intake import selectors as intake

if TYPE_CHECKING:
    from civicline.cases import models

Kind = Annotated[CaseType, Rule("Which workflow it follows.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where it is (WGS 84 degrees). Latitude and longitude come together or not at all."""

    latitude: Annotated[float | None, Rule("", least=-90, most=90)] = None
    longitude: Annotated[float | None, Rule("", least=-180, most=180)] = None
    address: Annotated[str, Rule("In words.", most=300)] = ""
    zipcode: Annotated[str, Rule("", most=16)] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCase:
    """A matter to look after."""

    type: Kind
    title: Annotated[str, Rule("In a few words.", least=1, most=300, example="Street light is out")]
    description: Annotated[str, Rule("What it is about.", most=20_000)] = ""
    service: Code | None = None
    contact: Annotated[
        UUID | None, Rule("The id of the contact it arose from; its resident becomes the case's.")
    ] = None
    place: Place | None = None
    answers: Annotated[dict[str, Any], Rule("Answers to the service's questions, by code.", most=100)] = (
        field(default_factory=dict)
    )
    public: Annotated[bool | None, Rule("Published by Open311; incidents are, unless told otherwise.")] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A complaint, application, information request or incident."""

    id: UUID
    url: Annotated[str, Rule("Where it is read again.", format="uri")]
    reference: Annotated[str, Rule("What residents quote.")]
    type: CaseType
    state: Annotated[str, Rule("The state of the type's workflow.")]
    step: Annotated[str, Rule("How far it is, as residents see it.")]
    version: Annotated[int, Rule("Grows with each change.")]
    service: str | None
    title: str
    description: str
    place: Place
    answers: dict[str, Any]
    public: bool
    status_note: Annotated[str, Rule("The last public word on it.")]
    owner: Annotated[str | None, Rule("Who looks after it.")]
    resident: Annotated[UUID | None, Rule("Whose it is.")]
    merged_into: Annotated[UUID | None, Rule("The case that goes on in its place.")]
    opened_at: datetime
    updated_at: datetime
    closed_at: datetime | None
    expected_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedCase(Case):
    """A case just opened. `secret` is told to the resident: with the reference it opens the status page."""

    secret: Annotated[str, Rule("Told once; kept as a hash.")] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CasePage:
    """A page of cases."""

    items: tuple[Case, ...]
    next: Next


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseQuery:
    """Which cases."""

    type: Kind | None = None
    state: Annotated[str | None, Rule("Only in this state.", least=1, most=32)] = None
    service: Code | None = None
    open: Annotated[bool | None, Rule("true: something is still owed; false: closed.")] = None
    opened_from: Annotated[datetime | None, Rule("Opened then or later.")] = None
    opened_to: Annotated[datetime | None, Rule("Opened then or before.")] = None
    updated_after: Annotated[datetime | None, Rule("Changed after then.")] = None
    cursor: Cursor = ""
    limit: Limit = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class NewUpdate:
    """A word on a case."""

    text: Annotated[str, Rule("The words.", least=1, most=20_000)]
    audience: Annotated[
        Literal["resident", "staff"],
        Rule("`resident`: on the status page, and for everybody on a public case. `staff`: a note inside."),
    ] = "staff"
    version: Version = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    """A line of a case's history."""

    id: int
    at: datetime
    kind: str
    audience: Literal["resident", "staff"]
    what: Annotated[str, Rule("In words.")]
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateList:
    """The history of a case, oldest first."""

    items: tuple[Update, ...]


@operation(
    "POST",
    "/cases",
    tag="cases",
    scope="cases:write",
    body=NewCase,
    answer=OpenedCase,
    status=201,
    keyed=True,
    secret=True,
    problems=("conflict",),
)
def open_case(call: Call) -> Answer:
    """Open a case.

    With an Idempotency-Key a repeat gets the same answer, the secret included.
    """
    asked: NewCase = call.body
    service = known_service(asked.service)
    contact = intake.get_contact(asked.contact) if asked.contact else None
    if asked.contact and contact is None:
        raise Problem("invalid", flaws=[Flaw("/contact", "There is no such contact.")])
    place = asked.place or Place()
    opened = case_services.open_case(
        type=asked.type,
        title=asked.title,
        description=asked.description,
        service=service,
        contact=contact,
        place=case_services.Place(place.latitude, place.longitude, place.address, "", place.zipcode),
        answers=asked.answers,
        public=asked.public,
        secret=call.secret,
    )
    return Answer(_document(call, opened.case), status=201)


@operation("GET", "/cases", tag="cases", scope="cases:read", query=CaseQuery, answer=CasePage)
def list_cases(call: Call) -> Answer:
    """List cases, newest first."""
    asked: CaseQuery = call.query
    wanted = cases.CaseFilter(
        open=asked.open,
        types=(asked.type,) if asked.type else (),
        states=(asked.state,) if asked.state else (),
        service_codes=(asked.service,) if asked.service else (),
        opened_from=asked.opened_from,
        opened_to=asked.opened_to,
        updated_after=asked.updated_after,
    )
    rows, following = paged("case", wanted, asked.cursor, lambda place: _page(wanted, place, asked.limit))
    return Answer(CasePage(items=tuple(_document(call, row) for row in rows), next=following))


def _page(wanted: cases.CaseFilter, place: str, limit: int) -> tuple[Sequence[models.Case], str]:
    page = cases.list_cases(wanted, cursor=place, limit=limit)
    return page.cases, page.next


@operation("GET", "/cases/{case_id}", tag="cases", scope="cases:read", answer=Case, etag=True)
def get_case(call: Call) -> Answer:
    """Read a case, by its id or its reference."""
    case = _case(call)
    read_record("case", case)
    return Answer(_document(call, case))


@operation("GET", "/cases/{case_id}/updates", tag="cases", scope="cases:read", answer=UpdateList)
def list_updates(call: Call) -> Answer:
    """Read the history of a case."""
    case = _case(call)
    read_record("case", case)
    return Answer(UpdateList(items=tuple(_update(line) for line in cases.case_timeline(case.id))))


@operation(
    "POST",
    "/cases/{case_id}/updates",
    tag="cases",
    scope="cases:write",
    body=NewUpdate,
    answer=Update,
    status=201,
    keyed=True,
    problems=("conflict",),
)
def add_update(call: Call) -> Answer:
    """Write an update on a case, or a note for staff."""
    case, asked = _case(call), call.body
    if asked.audience == "resident":
        entry = case_services.add_public_update(case_id=case.id, text=asked.text, version=asked.version)
    else:
        if asked.version not in (None, case.version):
            raise Problem("conflict", members={"version": case.version})
        entry = case_services.add_note(case_id=case.id, text=asked.text)
    line = next(one for one in reversed(cases.case_timeline(case.id)) if one.id == entry.pk)
    return Answer(_update(line), status=201)


def _case(call: Call) -> models.Case:
    case = by_id_or_reference(call.path["case_id"], cases.get_case, cases.find_by_reference)
    if case is None:
        raise Problem("not-found", "There is no such case.")
    return case


def _update(line: cases.TimelineLine) -> Update:
    return Update(
        id=line.id,
        at=line.at,
        kind=line.kind,
        audience="resident" if line.public else "staff",
        what=line.what,
        text=line.text,
    )


def _document(call: Call, case: models.Case) -> Case:
    place = Place(
        latitude=case.latitude, longitude=case.longitude, address=case.address, zipcode=case.zipcode
    )
    return Case(
        id=case.id,
        url=f"{call.base}/cases/{case.id}",
        reference=case.reference,
        type=case.type,  # type: ignore[arg-type]  # the column holds these only
        state=case.state,
        step=public_step(case.type, case.state).code,
        version=case.version,
        service=case.service.code if case.service else None,
        title=case.title,
        description=case.description,
        place=place,
        answers=case.answers,
        public=case.public,
        status_note=case.status_note,
        owner=case.owner.user.name if case.owner else None,
        resident=case.resident_id,
        merged_into=case.merged_into_id,
        opened_at=case.opened_at,
        updated_at=case.updated_at,
        closed_at=case.closed_at,
        expected_at=case.expected_at,
    )
