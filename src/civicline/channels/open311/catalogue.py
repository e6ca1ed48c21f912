"""The services on offer to Open311 apps, in one language: what `GET services` and `GET services/{code}` show."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from civicline.channels.open311.documents import Listing, Row, Single, Value

LIST_TYPES = ("singlevaluelist", "multivaluelist")


@dataclass(frozen=True)
class Choice:
    """One entry of a list to choose from."""

    key: str
    name: str


@dataclass(frozen=True)
class Question:
    """An attribute of a service definition. `variable` False only informs and takes no answer."""

    code: str
    datatype: str
    label: str
    hint: str = ""
    required: bool = False
    variable: bool = True
    choices: tuple[Choice, ...] = ()


@dataclass(frozen=True)
class OfferedService:
    """A service that residents may choose in an app; `kind` is realtime, batch or blackbox."""

    code: str
    name: str
    house_name: str = ""  # in the language of the house, for what staff read
    description: str = ""
    group: str = ""
    keywords: tuple[str, ...] = ()
    kind: str = "realtime"
    case_type: str = ""
    notice: str = ""  # what happens next
    questions: tuple[Question, ...] = ()


def services_document(services: Iterable[OfferedService]) -> Listing:
    """Return the document of `GET services`."""
    return Listing("services", "service", [_service(service) for service in services])


def definition_document(service: OfferedService) -> Single:
    """Return the document of `GET services/{code}`; `order` counts from 1."""
    attributes = [_attribute(order, question) for order, question in enumerate(service.questions, start=1)]
    return Single("service_definition", {"service_code": service.code, "attributes": attributes})


def _service(service: OfferedService) -> Row:
    return {
        "service_code": service.code,
        "service_name": service.name,
        "description": service.description,
        "metadata": bool(service.questions),
        "type": service.kind,
        "keywords": ", ".join(service.keywords),
        "group": service.group,
    }


def _attribute(order: int, question: Question) -> Row:
    row: dict[str, Value] = {
        "variable": question.variable,
        "code": question.code,
        "datatype": question.datatype,
        "required": question.required and question.variable,
        "datatype_description": question.hint or None,
        "order": order,
        "description": question.label,
    }
    if question.datatype in LIST_TYPES:
        row["values"] = _choices(question.choices)
    return row


def _choices(choices: Sequence[Choice]) -> list[Row]:
    return [{"key": choice.key, "name": choice.name} for choice in choices]
