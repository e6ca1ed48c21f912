"""What the world may see of a case: the rows of `GET requests`, `GET tokens` and `GET servicerequestupdates`.

Only cases that are marked public get this far. Of those, what residents wrote loses whatever could name or reach
a person, and answers in free words are left out.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from civicline.channels.open311.catalogue import LIST_TYPES, OfferedService, Question
from civicline.channels.open311.documents import Listing, Row, moment
from civicline.channels.open311.jurisdiction import Jurisdiction
from civicline.channels.open311.privacy import published
from civicline.engine.workflow import WORKFLOWS

if TYPE_CHECKING:
    from civicline.cases.models import Case, CaseEntry

MAX_DESCRIPTION = 4000
PUBLISHED_DATATYPES = (*LIST_TYPES, "number", "datetime")


def status_of(case_type: str, state: str) -> str:
    """Return `open` or `closed`, by the workflow table of the case's type."""
    workflow = next((table for name, table in WORKFLOWS.items() if name == case_type), None)
    found = workflow.state(state) if workflow else None
    return found.open311 if found else "open"


def states_with(status: str) -> dict[str, tuple[str, ...]]:
    """Return {case type: states that Open311 calls `status`}, for filters."""
    return {
        workflow.type: tuple(state.code for state in workflow.states if state.open311 == status)
        for workflow in WORKFLOWS.values()
    }


def requests_document(
    cases: Iterable[Case],
    catalogue: dict[str, OfferedService],
    body: Jurisdiction,
    *,
    extensions: bool = False,
) -> Listing:
    """Return the document of `GET requests`. `catalogue` gives names and notices in the reader's language."""
    rows = []
    for case in cases:
        service = catalogue.get(case.service.code) if case.service else None
        row = _request(case, service, body)
        rows.append({**row, **_extensions(case, service, body)} if extensions else row)
    return Listing("service_requests", "request", rows)


def updates_document(entries: Iterable[CaseEntry], body: Jurisdiction) -> Listing:
    """Return the document of `GET servicerequestupdates`: one row for each public line of a history."""
    rows: list[Row] = [
        {
            "update_id": str(entry.pk),
            "service_request_id": entry.case.reference,
            "status": extended_status(entry.case.type, entry.to_state or entry.case.state),
            "updated_datetime": moment(entry.at, body.zone),
            "description": _words(entry.text, entry.case) or None,
            "media_url": None,
        }
        for entry in entries
    ]
    return Listing("service_request_updates", "request_update", rows)


_EXTENDED = {
    "scheduled": "ACTION_SCHEDULED",
    "in_progress": "IN_PROGRESS",
    "investigating": "INVESTIGATING",
    "resolved": "FIXED",
    "duplicate": "DUPLICATE",
    "withdrawn": "CANCELLED",
}


def extended_status(case_type: str, state: str) -> str:
    """Return the status by the vocabulary that FixMyStreet reads, which is finer than open and closed."""
    return _EXTENDED.get(state, status_of(case_type, state).upper())


def _request(case: Case, service: OfferedService | None, body: Jurisdiction) -> Row:
    return {
        "service_request_id": case.reference,
        "status": status_of(case.type, case.state),
        "status_notes": _words(case.status_note, case) or None,
        "service_name": service.name if service else None,
        "service_code": case.service.code if case.service else "",
        "description": _words(case.description, case)[:MAX_DESCRIPTION] or None,
        "agency_responsible": case.agency or body.name,
        "service_notice": (service.notice or None) if service else None,
        "requested_datetime": moment(case.opened_at, body.zone),
        "updated_datetime": moment(case.updated_at, body.zone),
        "expected_datetime": moment(case.expected_at, body.zone),
        "address": _words(case.address, case) or None,
        "address_id": case.address_id or None,
        "zipcode": case.zipcode or None,
        "lat": case.latitude,
        "long": case.longitude,
        "media_url": case.media_url or None,
    }


def _words(text: str, case: Case) -> str:
    return published(text, names=_names(case)) if text else ""


def _names(case: Case) -> list[str]:
    name = case.resident.name.strip() if case.resident else ""
    return [name, *(part for part in name.split() if len(part) > 2)] if name else []


def _extensions(case: Case, service: OfferedService | None, body: Jurisdiction) -> Row:
    return {
        "attributes": _attributes(case, service),
        "extended_attributes": {
            "case_type": case.type,
            "detailed_status": extended_status(case.type, case.state),
            "closed_datetime": moment(case.closed_at, body.zone),
        },
        "notes": [
            {
                "datetime": moment(entry.at, body.zone),
                "description": _words(entry.text, case) or None,
                "type": entry.transition or entry.kind,
            }
            for entry in case.entries.all()
            if entry.public
        ],
    }


def _attributes(case: Case, service: OfferedService | None) -> list[Row]:
    rows: list[Row] = []
    for question in service.questions if service else ():
        answer = case.answers.get(question.code)
        if answer and question.datatype in PUBLISHED_DATATYPES:
            rows += [
                _answer(question, str(value)) for value in (answer if isinstance(answer, list) else [answer])
            ]
    return rows


def _answer(question: Question, value: str) -> Row:
    name = next((choice.name for choice in question.choices if choice.key == value), value)
    return {"label": question.label, "name": question.code, "value": name, "code": value}
