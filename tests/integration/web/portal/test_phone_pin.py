"""The page of a case tells how to hear of it by telephone, where there is a telephone."""

from dataclasses import replace
from typing import Any

import pytest

from civicline.cases import selectors as cases
from civicline.channels.voice.flows.facts import answer
from civicline.engine.callflow import Facts
from civicline.engine.callflow.actions import LookUp
from tests.integration.web.portal.visitor import Visitor, code, reference, words
from tests.town import Town

pytestmark = pytest.mark.django_db(transaction=True)


def test_what_the_page_tells_to_type_opens_the_case(portal_town: Town, settings: Any) -> None:
    visitor = Visitor()
    visitor.begin("pothole")
    visitor.answer(**{"a-q-size": "hand"})
    visitor.answer(**{"a-details": "Deep."})
    visitor.answer(address="Quay Street")
    visitor.answer(name="Grace")
    done = visitor.answer()
    opened = {"reference": reference(done), "code": code(done)}
    assert "Phone PIN" not in words(Visitor().post("/en/status/", opened)), "nobody answers a telephone here"
    settings.CIVICLINE = replace(settings.CIVICLINE, voice_mode="embedded")
    page = words(Visitor().post("/en/status/", opened))
    case = cases.find_by_reference(reference(done))
    assert case is not None
    pin = cases.phone_pin(case)
    typed = page.partition("Type for the reference")[2].split()[0]
    assert page.partition("Phone PIN")[2].split()[0] == pin
    told = answer(
        LookUp("check_pin", {"cases": typed, "pin": pin}), caller=Facts(), book=lambda _wanted: False
    )
    assert told.noted == {"case": str(case.pk)}
