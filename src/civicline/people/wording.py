"""Presence in words: what somebody is doing, the sign for it, and why; and whose people they are."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

STATES: dict[str, Promise] = {
    "available": _("Free"),
    "with_resident": _("With a resident"),
    "wrap_up": _("Wrap-up"),
    "break": _("Break"),
    "training": _("Training"),
    "away": _("Away"),
    "not_responding": _("Not responding"),
    "signed_out": _("Signed out"),
}
LENT = _("lent by a partner body")
GLYPHS = {
    "available": "available",
    "with_resident": "contact",
    "wrap_up": "wrap",
    "break": "break",
    "training": "training",
    "away": "away",
    "not_responding": "silent",
    "signed_out": "offline",
}
CHOSEN: dict[str, Promise] = {
    "rest": _("a rest"),
    "lunch": _("lunch"),
    "end_of_shift_near": _("shift ends soon"),
    "course": _("a course"),
    "coaching": _("coaching"),
    "reading": _("reading"),
    "meeting": _("a meeting"),
    "personal": _("personal"),
    "technical": _("a technical fault"),
    "other": _("something else"),
    "end_of_shift": _("end of shift"),
}
"""Reasons that people choose."""
REASONS: dict[str, Promise] = {
    **CHOSEN,
    "offer_timed_out": _("did not answer an offer"),
    "connection_lost": _("no sign of life from the desk"),
}
"""All reasons, those that the system found too."""
