"""A small town's services and reports, for tests of the Open311 endpoint."""

from datetime import timedelta
from typing import Any

from civicline.cases.models import Case, CaseEntry
from civicline.intake.models import Calendar, Service, ServiceAttribute
from civicline.kernel import clock
from civicline.people.models import Resident

KEY = "published-trial-key"
POTHOLE = {"en": "Pothole", "es": "Bache", "ar": "حفرة في الطريق"}


def build_services() -> dict[str, Service]:
    """Make a realtime, a batch and a blackbox service, one that is not for apps, and one that is switched off."""
    calendar = Calendar.objects.create(code="always")

    def service(code: str, name: dict[str, str], kind: str, **more: Any) -> Service:
        fields = {"case_type": "incident", "channels": ["open311", "webform"], **more}
        return Service.objects.create(code=code, name=name, kind=kind, calendar=calendar, **fields)

    services = [
        service(
            "pothole",
            POTHOLE,
            "realtime",
            description={"en": "A hole in the street", "es": "Un agujero en la calle"},
            group={"en": "Streets", "es": "Calles"},
            keywords=["road", "hole"],
            next_steps={"en": "We look at it within two days.", "es": "Lo miramos en dos días."},
        ),
        service("graffiti", {"en": "Graffiti"}, "batch"),
        service("tip-off", {"en": "Tip-off"}, "blackbox"),
        service("benefits", {"en": "Benefits"}, "realtime", case_type="application", channels=["webform"]),
        service("noise", {"en": "Noise"}, "realtime", case_type="complaint"),
        service("old", {"en": "Old"}, "realtime", active=False),
    ]
    size = [
        {"key": "small", "name": {"en": "Small"}},
        {"key": "large", "name": {"en": "Large", "es": "Grande"}},
    ]
    attribute = ServiceAttribute.objects.create
    pothole = services[0]
    attribute(service=pothole, code="size", datatype="singlevaluelist", label={"en": "How big?"}, values=size)
    attribute(
        service=pothole, code="lanes", datatype="multivaluelist", label={"en": "Which lanes?"}, values=size
    )
    attribute(
        service=pothole, code="depth", datatype="number", label={"en": "How deep?"}, hint={"en": "In cm"}
    )
    attribute(service=pothole, code="more", datatype="text", label={"en": "Anything else?"})
    attribute(
        service=services[1], code="text", datatype="string", label={"en": "What does it say?"}, required=True
    )
    return {one.code: one for one in services}


def put_case(service: Service, number: int = 1, **changed: Any) -> Case:
    """Store a case as it would stand after some days."""
    at = clock.now() - timedelta(days=2, minutes=number)
    fields: dict[str, Any] = {
        "reference": f"SM-T{number:05d}",
        "secret_hash": "0" * 64,
        "type": "incident",
        "state": "reported",
        "service": service,
        "title": "Pothole: High Street",
        "description": "A deep hole",
        "latitude": 51.5,
        "longitude": -0.12,
        "address": "1 High Street",
        "opened_at": at,
        "updated_at": at,
        "public": True,
        **changed,
    }
    return Case.objects.create(**fields)


def put_resident() -> Resident:
    """Store a person who must never be seen in public."""
    return Resident.objects.create(
        name="Jane Doe", email="jane.doe@example.org", phone="+442079460958", created_at=clock.now()
    )


def put_entry(case: Case, text: str, *, public: bool, **changed: Any) -> CaseEntry:
    """Add a line to a case's history."""
    fields = {"kind": "update", "actor_kind": "staff", "at": clock.now() - timedelta(hours=1), **changed}
    return CaseEntry.objects.create(case=case, text=text, public=public, **fields)
