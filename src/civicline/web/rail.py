"""The rail of the staff shell: the ways to other pages, each shown to those who may open it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

from django.urls import NoReverseMatch
from django.utils.translation import gettext, pgettext

from civicline.people.permissions import may
from civicline.web.addresses import address

if TYPE_CHECKING:
    from civicline.people.models import User


class Way(NamedTuple):
    """One entry: what it is called in code and in words, its icon, the named view, and the action that opens it."""

    code: str
    label: str
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
        shown.append({"label": way.label, "icon": way.icon, "href": href, "current": way.code == section})
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


def of_administration(user: User, section: str) -> list[dict[str, Any]]:
    """The rail of those who set Civicline up, write its texts, or look after its records."""
    ways = [
        Way("overview", gettext("Overview"), "home", "admin:home", "config.read"),
        Way("services", gettext("Services"), "form", "admin:services", "config.read"),
        Way("queues", gettext("Queues"), "users", "admin:queues", "config.read"),
        Way("hours", gettext("Opening hours"), "clock", "admin:calendars", "config.read"),
        Way("skills", gettext("Skills"), "star", "admin:skills", "config.read"),
        Way("staff", gettext("Staff"), "user", "admin:staff", "staff.read"),
        Way("promises", gettext("Promises"), "flag", "admin:promises", "config.read"),
        Way("texts", gettext("Texts"), "text", "admin:texts", "canned.edit"),
        Way("messages", gettext("Messages"), "bell", "admin:messages", "service_message.edit"),
        Way("calls", pgettext("page", "Calls"), "phone", "admin:calls", "config.read"),
        Way("prompts", gettext("Prompts"), "sound", "admin:call_prompts", "call_prompt.edit"),
        Way("recordings", pgettext("rail", "Record\u00adings"), "rec", "recordings:list", "recording.list"),
        Way(
            "recording_rules",
            pgettext("rail", "Record\u00ading rules"),
            "rec",
            "recordings:rules",
            "config.read",
        ),
        Way("residents", gettext("Residents"), "heart", "admin:residents", "resident.export"),
        Way("holds", gettext("Holds"), "lock", "admin:holds", "hold.read"),
        Way("retention", gettext("Retention"), "bin", "admin:retention", "retention.read"),
        Way("connections", gettext("Links"), "link", "admin:connections", "token.edit"),
        Way("audit", gettext("Audit"), "eye", "admin:audit", "audit.read"),
        Way("desk", gettext("Desk"), "inbox", "desk:home", "desk.use"),
        Way("live", gettext("Live"), "chart", "supervisor:home", "board.read"),
        Way("changes", gettext("Changes"), "sliders", "planner:changes", "plan.approve"),
    ]
    return rail(user, ways, section)
