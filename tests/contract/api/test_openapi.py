"""The document is valid, and every answer is as the document says."""

from __future__ import annotations

from openapi_spec_validator import OpenAPIV31SpecValidator

from civicline.api import openapi, resources
from civicline.api.operation import OPERATIONS

BASE = "https://contact.example.org/api/v1"


def test_the_document_is_valid_openapi() -> None:
    assert resources.__all__
    errors = [error.message for error in OpenAPIV31SpecValidator(openapi.document(BASE)).iter_errors()]
    assert errors == []


def test_every_operation_has_a_name_of_its_own_and_words() -> None:
    names = [row.name for row in OPERATIONS]
    assert len(names) == len(set(names))
    assert [row.name for row in OPERATIONS if not row.summary] == []
