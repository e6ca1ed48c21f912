"""What each figure of a report counts, said in the reader's language beside the number.

The engine's own `DEFINITIONS` are the book's words, in English and for machines; these are theirs for people.
"""

from __future__ import annotations

from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from civicline.engine.measures import DEFINITIONS, Measured
from civicline.insight.measures import NO_TARGET

_WORDS: Final[dict[str, Promise]] = {
    "service_level_counted": _("Answered within %(seconds)s s, of all offered. Short abandons are counted."),
    "service_level_left_out": _(
        "Answered within %(seconds)s s, of all offered without those who gave up in under %(short)s s."
    ),
    "asa": _("Queue wait in seconds of those answered, added up, by the number answered."),
    "abandonment_counted": _("Gave up in the queue, of all offered. Short abandons are counted."),
    "abandonment_left_out": _(
        "Gave up after %(short)s s or more, of all offered without those who gave up sooner."
    ),
    "short_abandonment": _("Gave up in under %(short)s s, of all offered."),
    "occupancy": _("Time in conversations, on hold and in wrap-up, by that time and the time free."),
    "csat": _("Five levels of satisfaction, weighted 0, 25, 50, 75 and 100: the mean (GOV.UK)."),
    "top_two_box": _("Satisfied or very satisfied, of all answers."),
    "ces": _("The mean of answers from 1 to 7 to “It was easy for me to handle my issue” (CES 2.0)."),
    "ewt_calibration": _(
        "Ranges told that held the true wait, of all ranges told. The goal is 78 to 82 in 100."
    ),
    "ewt_mae": _("How far the middle of the told range was from the true wait, on average, in seconds."),
}
_OWN: Final[dict[str, Promise]] = {
    "service_level_counted": _(
        "Answered within the promise of their queue, of all offered. Short abandons are counted."
    ),
    "service_level_left_out": _(
        "Answered within the promise of their queue, of all offered without those who gave up within its short time."
    ),
    "abandonment_left_out": _(
        "Gave up after the short time of their queue, of all offered without those who gave up sooner."
    ),
    "short_abandonment": _("Gave up within the short time of their queue, of all offered."),
}


def definition_of(figure: Measured) -> str:
    """The sentence that is printed beside a number, with its thresholds; counts over queues name "its own"."""
    params: dict[str, Any] = {
        name: f"{value:g}" if isinstance(value, float) else value
        for name, value in dict(figure.params).items()
    }
    own = NO_TARGET in (dict(figure.params).get("seconds"), dict(figure.params).get("short"))
    words = (_OWN.get(figure.definition) if own else None) or _WORDS.get(figure.definition)
    if words is None:
        return DEFINITIONS[figure.definition].format(**params)
    return str(words) % params
