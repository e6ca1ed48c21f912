"""The rail of the staff shell: the ways to other pages, each shown to those who may open it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

from django.urls import NoReverseMatch
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from civicline.people.permissions import may
from civicline.web.addresses import address

if TYPE_CHECKING:
    from civicline.people.models import User


class Way(NamedTuple):
    """One entry: what it is called in code and in words, its icon, the named view, and the action that opens it."""

    code: str
    label: Promise
    icon: str
    view: str
    action: str


def rail(user: User, ways: Iterable[Way], section: str) -> list[dict[str, Any]]:
    """Return `nav` of the shell: what this person may open, `section` marked as where they are.

    A view that an installation has left out is left out here too.
    """
    shown = []
    for way in ways:
        if not may(user, way.action):
            continue
        try:
            href = address(way.view)
        except NoReverseMatch:
            continue
        shown.append(
            {"label": str(way.label), "icon": way.icon, "href": href, "current": way.code == section}
        )
    return shown


def only_keeps_house(user: User) -> bool:
    """Whether this person sets Civicline up and neither supervises nor plans.

    A page of another surface that is theirs too (rules for recording, screens, changes) then keeps their own rail.
    """
    return (
        may(user, "config.edit")
        and not may(user, "board.read")
        and not may(user, "plan.read")
        and not may(user, "desk.use")
    )


DESK = Way("desk", _("Desk"), "inbox", "desk:home", "desk.use")
OWN_SHIFTS = Way("shifts", _("My shifts"), "calendar", "mine:shifts", "plan.own")
LIVE = Way("live", _("Live"), "chart", "supervisor:home", "board.read")
REPORT = Way("report", pgettext_lazy("page", "Report"), "form", "supervisor:report", "report.read")
RECORDINGS = Way(
    "recordings", pgettext_lazy("rail", "Record\u00adings"), "rec", "recordings:list", "recording.list"
)
CHANGES = Way("changes", _("Changes"), "sliders", "planner:changes", "plan.approve")
AUDIT = Way("audit", _("Audit"), "eye", "admin:audit", "audit.read")
SET_UP = Way("admin", _("Set up"), "gear", "admin:home", "config.read")

ADMINISTRATION = (
    Way("overview", _("Overview"), "home", "admin:home", "config.read"),
    Way("services", _("Services"), "form", "admin:services", "config.read"),
    Way("queues", _("Queues"), "users", "admin:queues", "config.read"),
    Way("hours", _("Opening hours"), "clock", "admin:calendars", "config.read"),
    Way("skills", _("Skills"), "star", "admin:skills", "config.read"),
    Way("staff", _("Staff"), "user", "admin:staff", "staff.read"),
    Way("promises", _("Promises"), "flag", "admin:promises", "config.read"),
    Way("texts", _("Texts"), "text", "admin:texts", "canned.edit"),
    Way("messages", _("Messages"), "bell", "admin:messages", "service_message.edit"),
    Way("calls", pgettext_lazy("page", "Calls"), "phone", "admin:calls", "config.read"),
    Way("prompts", _("Prompts"), "sound", "admin:call_prompts", "call_prompt.edit"),
    RECORDINGS,
    Way(
        "recording_rules",
        pgettext_lazy("rail", "Record\u00ading rules"),
        "rec",
        "recordings:rules",
        "config.read",
    ),
    Way("residents", _("Residents"), "heart", "admin:residents", "resident.export"),
    Way("holds", _("Holds"), "lock", "admin:holds", "hold.read"),
    Way("retention", _("Retention"), "bin", "admin:retention", "retention.read"),
    Way("connections", _("Links"), "link", "admin:connections", "token.edit"),
    AUDIT,
    DESK,
    LIVE,
    CHANGES,
)


def of_administration(user: User, section: str) -> list[dict[str, Any]]:
    """The rail of those who set Civicline up, write its texts, or look after its records."""
    return rail(user, ADMINISTRATION, section)
