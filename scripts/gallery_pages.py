"""What the gallery shows: the pages of scripts/gallery with the words and numbers of Saltmere, an invented town."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import django
from django.conf import settings
from jinja2 import ChoiceLoader, FileSystemLoader

ROOT = Path(__file__).resolve().parents[1]

if not settings.configured:
    settings.configure(
        USE_I18N=True,
        USE_TZ=True,
        TIME_ZONE="Europe/London",
        STATIC_URL="static/",
        ROOT_URLCONF="scripts.gallery_urls",
        LANGUAGES=[
            ("en", "English"),
            ("es", "Spanish"),
            ("fr", "French"),
            ("ar", "Arabic"),
            ("tr", "Turkish"),
        ],
        LANGUAGE_CODE="en",
        SECRET_KEY="only for drawings",  # noqa: S106 - signs nothing
    )
    django.setup()

from django.utils import translation  # noqa: E402 - needs settings

from civicline.config.jinja import environment, template_folders  # noqa: E402

NOW = datetime.now(UTC).replace(hour=10, minute=42, second=0, microsecond=0)


@dataclass(frozen=True)
class Page:
    """One page of the gallery. Variants: "" (light), "dark", "rtl"."""

    name: str
    template: str
    variants: tuple[str, ...] = ("", "rtl")
    context: dict[str, Any] = field(default_factory=dict)
    widths: tuple[int, ...] = ()
    height: int = 1000
    height_phone: int = 844


NAV = [
    {"href": "#", "label": "Desk", "icon": "inbox", "current": True},
    {"href": "#", "label": "Cases", "icon": "case"},
    {"href": "#", "label": "People", "icon": "user"},
    {"href": "#", "label": "Articles", "icon": "book"},
]
TOWN = {
    "name": "Town of Saltmere",
    "tagline": "Contact and services",
    "badge": "",
    "home": "/",
    "emergency": "112",
}
STAFF = {
    "name": "Nadia Rahman",
    "initials": "NR",
    "presence": "contact",
    "presence_word": "On a call",
    "since": NOW,
    "theme": "",
}

PAGES = [
    Page(
        "portal-home",
        "gallery/portal_home.html",
        context={"title": "How can we help?"},
        height=1900,
        height_phone=3000,
    ),
    Page("portal-form", "gallery/portal_form.html", height=1100, height_phone=1900),
    Page("portal-fields", "gallery/portal_fields.html", height=2600, height_phone=3200),
    Page("portal-status", "gallery/portal_status.html", height=1150, height_phone=1900),
    Page("chat", "gallery/chat.html", height=900),
    Page("parts", "gallery/parts.html", ("", "dark", "rtl"), height=2500, height_phone=5600),
    Page("desk", "gallery/desk.html", ("", "dark", "rtl"), height=900),
    Page("supervisor", "gallery/supervisor.html", ("", "dark", "rtl"), height=900),
    Page("admin", "gallery/admin.html", ("", "dark"), height=900, height_phone=1400),
    Page("wall", "gallery/wall.html", ("",), widths=(1920,), height=1080),
    Page("sign-in", "gallery/sign_in.html", ("", "rtl"), height=900),
    Page("error-404", "shells/error.html", ("",), {"status": 404, "reference": "7f3a"}, height=700),
    Page("error-500", "shells/error.html", ("",), {"status": 500, "reference": "7f3a"}, height=700),
]


def render(page: Page, variant: str) -> str:
    """The HTML of a page in a variant."""
    folders = [str(folder) for folder in template_folders()]
    made = environment(
        loader=ChoiceLoader([FileSystemLoader(folders), FileSystemLoader(str(ROOT / "scripts"))])
    )
    staff = {**STAFF, "theme": "dark" if variant == "dark" else "light"}
    context: dict[str, Any] = {
        "town": TOWN,
        "staff": staff,
        "nav": NAV,
        "nav_low": [{"href": "#", "label": "Settings", "icon": "gear"}],
        "presences": [("available", "Free"), ("break", "Break"), ("away", "Away")],
        "csrf_input": "",
        "now": NOW,
        "ago": lambda minutes: NOW - timedelta(minutes=minutes),
        **page.context,
    }
    with translation.override("ar" if variant == "rtl" else "en"):
        return made.get_template(page.template).render(context)
