"""A town with forms to fill in."""

from typing import Any

import pytest

from civicline.cases import services as cases
from civicline.intake import services as intake
from tests.town import Town

DAY = 86_400
SIZES = [{"key": "hand", "name": {"en": "Like a hand"}}, {"key": "plate", "name": {"en": "Like a plate"}}]


@pytest.fixture
def portal_town(town: Town) -> Any:
    """The small town with an incident, an application and a complaint on top of its two questions."""
    offers = {"pothole": "incident", "permit": "application", "complaint": "complaint"}
    for code, case_type in offers.items():
        town.queue(code)
        service = intake.save_service(
            code=code,
            calendar=town.calendar,
            name={"en": code.capitalize(), "ar": f"{code} بالعربية"},
            description={"en": f"About {code}."},
            case_type=case_type,
            channels=["webform", "chat"],
            next_steps={"en": "We look at it."},
        )
        cases.save_policy(type=case_type, calendar=town.calendar, targets={"resolution": 5 * DAY})
        if code == "pothole":
            intake.save_attribute(
                service=service,
                code="size",
                datatype="singlevaluelist",
                required=True,
                label={"en": "How big is it?", "ar": "ما حجمها؟"},
                values=SIZES,
            )
    return town
