"""What is wrong with a menu, asked of the engine with everything that it may refer to."""

from __future__ import annotations

from collections.abc import Sequence

from django.conf import settings

from civicline.channels.voice.flows import selectors
from civicline.engine.callflow import Around, Flow, Problem, validate
from civicline.intake import selectors as intake
from civicline.routing import selectors as routing


def problems_of(flow: Flow) -> Sequence[Problem]:
    """Every problem of a flow in this house; none when it may be published."""
    languages = [code for code, _name in settings.LANGUAGES]
    around = Around(
        queues={row.code for row in routing.list_queues()},
        calendars={row.code for row in intake.list_calendars()},
        numbers={row.number for row in selectors.list_outside_numbers()},
    )
    return validate(flow, languages, selectors.keys_by_language(languages), around=around)
