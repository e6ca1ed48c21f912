"""What every page of administration shows around its content: who is signed in and the ways to the other pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import get_language, gettext, pgettext

from civicline.kernel.texts import localized
from civicline.people.permissions import may
from civicline.web.admin.access import user_of
from civicline.web.staff import card

if TYPE_CHECKING:
    from civicline.people.models import User


def page(
    request: HttpRequest, template: str, context: dict[str, Any], *, section: str, status: int = 200
) -> HttpResponse:
    """A whole page in the staff shell; `section` is the entry of the rail it belongs to."""
    return render(request, template, frame(request, section) | context, status=status)


def frame(request: HttpRequest, section: str) -> dict[str, Any]:
    """The context of the staff shell."""
    user = user_of(request)
    return {
        "staff": card(user),
        "nav": _nav(user, section),
        "nav_low": [
            {
                "label": gettext("Your settings"),
                "icon": "gear",
                "href": reverse("preferences"),
                "current": section == "preferences",
            }
        ],
        "home_url": reverse("staff_home"),
        "languages": list(settings.LANGUAGES),
    }


def text_of(texts: dict[str, str]) -> str:
    """A text in the reader's language, or the nearest there is."""
    return localized(texts, get_language() or settings.LANGUAGE_CODE)


def _nav(user: User, section: str) -> list[dict[str, Any]]:
    config = may(user, "config.read")
    items = [
        ("overview", gettext("Overview"), "home", "admin:home", config),
        ("services", gettext("Services"), "form", "admin:services", config),
        ("queues", gettext("Queues"), "users", "admin:queues", config),
        ("hours", gettext("Opening hours"), "clock", "admin:calendars", config),
        ("skills", gettext("Skills"), "star", "admin:skills", config),
        ("staff", gettext("Staff"), "user", "admin:staff", may(user, "staff.read")),
        ("promises", gettext("Promises"), "flag", "admin:promises", config),
        ("texts", gettext("Texts"), "text", "admin:texts", may(user, "canned.edit")),
        ("messages", gettext("Messages"), "bell", "admin:messages", may(user, "service_message.edit")),
        ("calls", gettext("Calls"), "phone", "admin:calls", config),
        ("prompts", gettext("Prompts"), "sound", "admin:call_prompts", may(user, "call_prompt.edit")),
        ("residents", gettext("Residents"), "heart", "admin:residents", may(user, "resident.export")),
        ("holds", gettext("Holds"), "lock", "admin:holds", may(user, "hold.read")),
        ("retention", gettext("Retention"), "bin", "admin:retention", may(user, "retention.read")),
        ("connections", gettext("Links"), "link", "admin:connections", may(user, "token.edit")),
        (
            "recordings",
            pgettext("rail", "Record\u00adings"),
            "rec",
            "recordings:list",
            may(user, "recording.list"),
        ),
        ("recording_rules", gettext("Recording rules"), "rec", "recordings:rules", config),
        ("audit", gettext("Audit"), "eye", "admin:audit", may(user, "audit.read")),
    ]
    nav = [
        {"label": label, "icon": icon, "href": reverse(name), "current": code == section}
        for code, label, icon, name, allowed in items
        if allowed
    ]
    elsewhere = [
        (gettext("Desk"), "inbox", "desk:home", may(user, "desk.use")),
        (gettext("Board"), "chart", "supervisor:home", may(user, "board.read")),
        (gettext("Changes"), "sliders", "planner:changes", may(user, "plan.approve")),
    ]
    for label, icon, name, allowed in elsewhere:
        address = address_or_none(name)
        if allowed and address:
            nav.append({"label": label, "icon": icon, "href": address, "current": False})
    return nav


def address_or_none(name: str) -> str | None:
    """The address of a named view that an installation may have left out."""
    try:
        return reverse(name)
    except NoReverseMatch:
        return None
