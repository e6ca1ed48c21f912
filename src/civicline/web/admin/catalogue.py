"""Services as residents choose them, and the questions of their forms."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from civicline.intake import selectors as intake
from civicline.intake import services as intake_services
from civicline.kernel.errors import Conflict, NotFound
from civicline.kernel.texts import in_a_row
from civicline.people import selectors as people
from civicline.people.permissions import may
from civicline.routing import selectors as routing
from civicline.routing import services as routing_services
from civicline.web.admin import editing, pages
from civicline.web.admin.access import admin_view, user_of
from civicline.web.admin.forms import PageForm, code_field, whole

if TYPE_CHECKING:
    from civicline.intake.models import Service

CASE_TYPES = [
    ("", _("None: a question, answered in the conversation")),
    ("complaint", _("Complaint")),
    ("application", _("Application")),
    ("information_request", _("Information request")),
    ("incident", _("Incident")),
]
CHANNELS = [("chat", _("Web chat")), ("webform", _("Web form")), ("open311", _("Open311 apps"))]
KINDS = [
    ("realtime", _("Given at once")),
    ("batch", _("Given later, a token at once")),
    ("blackbox", _("Not given")),
]
NEEDS = 4
"""So many skills may a route ask for."""


class ServiceForm(PageForm):
    """A service: words, ways in, what it opens, where it goes."""

    texts: ClassVar[Any] = {
        "name": (_("Name"), 1),
        "description": (_("Description"), 3),
        "group": (_("Group on the start page"), 1),
        "next_steps": (_("What happens next, told after sending"), 3),
    }
    calendar = forms.ChoiceField(label=_("Opening hours"))
    channels = forms.MultipleChoiceField(
        label=_("Ways in"), choices=CHANNELS, widget=forms.CheckboxSelectMultiple, required=False
    )
    case_type = forms.ChoiceField(label=_("Case that is opened"), choices=CASE_TYPES, required=False)
    kind = forms.ChoiceField(label=_("The reference in Open311"), choices=KINDS)
    keywords = forms.CharField(
        label=_("Words it is found by"), required=False, help_text=_("Put commas between them.")
    )
    position = whole(_("Place in the list"), _("Small numbers come first."), most=100_000, required=False)
    active = forms.BooleanField(label=_("Offered to residents"), required=False)
    queue = forms.ChoiceField(
        label=_("Queue"),
        error_messages={"required": _("Choose a queue, so that contacts about this reach somebody.")},
    )
    priority = whole(
        _("Priority"),
        _("0 is usual. Each step counts as much as the waiting time written in the queue."),
        least=-10,
        most=10,
    )

    def __init__(self, *args: Any, new: bool, **options: Any) -> None:
        super().__init__(*args, **options)
        if new:
            self.fields["code"] = code_field()
        calendars: Any = self.fields["calendar"]
        calendars.choices = [(row.code, pages.text_of(row.name)) for row in intake.list_calendars()]
        queues: Any = self.fields["queue"]
        queues.choices = [("", _("Choose"))] + [
            (row.code, pages.text_of(row.name)) for row in routing.list_queues()
        ]
        skills = [("", _("No skill"))] + [
            (row.code, pages.text_of(row.name) or row.code)
            for row in people.list_skills()
            if row.kind != "language"
        ]
        for number in range(1, NEEDS + 1):
            label = _("Skill %(number)s") % {"number": number}
            self.fields[f"skill_{number}"] = forms.ChoiceField(label=label, choices=skills, required=False)
            self.fields[f"level_{number}"] = forms.ChoiceField(
                label=_("Least level"), choices=[(str(level), str(level)) for level in range(1, 6)]
            )

    def needs(self) -> list[tuple[str, int]]:
        """The skills that were chosen, with their least levels."""
        data = self.cleaned_data
        pairs = [(data[f"skill_{n}"], int(data[f"level_{n}"])) for n in range(1, NEEDS + 1)]
        return [(skill, level) for skill, level in pairs if skill]


def sections_of_service(new: bool) -> list[editing.Section]:
    """The parts of the form."""
    needs = [name for n in range(1, NEEDS + 1) for name in (f"skill_{n}", f"level_{n}")]
    return [
        editing.Section(
            _("Words"), [*(["code"] if new else []), "name", "description", "group", "next_steps"]
        ),
        editing.Section(
            _("Ways in"),
            ["channels", "calendar", "case_type", "kind", "keywords", "position", "active"],
        ),
        editing.Section(
            _("Where it goes"),
            ["queue", "priority"],
            _("Contacts about this service join this queue, at their own place."),
        ),
        editing.Section(
            _("What staff must be able to do"),
            needs,
            _("Only people with these skills are offered its contacts, until the queue's rings relax."),
            table=True,
        ),
    ]


@require_GET
@admin_view("config.read")
def services(request: HttpRequest) -> HttpResponse:
    """Every service, retired ones too."""
    rows = []
    for service in intake.list_kept_services():
        route = routing.get_route(service.pk)
        tags = [] if service.active else [("idle", gettext("Not offered"))]
        if route is None:
            tags.append(("critical", gettext("No queue")))
        rows.append(
            {
                "href": reverse("admin:service", args=[service.code]),
                "name": pages.text_of(service.name),
                "tags": tags,
                "cells": [
                    pages.text_of(route.queue.name) if route else gettext("none"),
                    in_a_row(dict(CHANNELS).get(code, code) for code in service.channels),
                    pages.text_of(service.calendar.name),
                    len(service.attributes.all()),
                ],
            }
        )
    context = {
        "title": gettext("Services"),
        "meta": gettext("What residents choose, and where it leads."),
        "columns": [_("Service"), _("Queue"), _("Ways in"), _("Opening hours"), _("Questions")],
        "rows": rows,
        "add": _add(request, "admin:new_service", gettext("New service")),
        "empty_text": gettext("There are no services yet. Make the first one."),
        "empty_more": gettext(
            "A service is what residents choose: its words, its ways in, its questions, its queue."
        ),
        "empty_icon": "form",
    }
    return pages.page(request, "admin/list.html", context, section="services")


def _add(request: HttpRequest, name: str, label: str) -> dict[str, str] | None:
    return {"href": reverse(name), "label": label} if may(user_of(request), "config.edit") else None


@require_http_methods(["GET", "POST"])
@admin_view("config.edit")
def new_service(request: HttpRequest) -> HttpResponse:
    """Make a service."""
    return _service_page(request, None)


@require_http_methods(["GET", "POST"])
@admin_view("config.read")
def service(request: HttpRequest, code: str) -> HttpResponse:
    """Change a service."""
    return _service_page(request, get_service(code))


def get_service(code: str) -> Service:
    """The service of an address. Raises `NotFound`."""
    found = intake.get_kept_service(code)
    if found is None:
        raise NotFound(_("There is no such service."), code="service-unknown")
    return found


def _service_page(request: HttpRequest, service: Service | None) -> HttpResponse:
    new = service is None
    form = ServiceForm(request.POST or None, initial=_initial(service), new=new)

    def write() -> None:
        data = form.cleaned_data
        code = service.code if service is not None else data["code"]
        if new and intake.get_kept_service(code) is not None:
            raise Conflict(_("There is already a service called “%(short)s”."), code="code-taken", short=code)
        calendar = intake.get_calendar(data["calendar"])
        queue = routing.get_queue(data["queue"])
        if calendar is None or queue is None:
            raise NotFound(_("The queue or the opening hours are gone. Choose others."), code="gone")
        if service is not None and service.active and not data["active"]:
            intake_services.retire_service(code=code)
        kept = intake_services.save_service(
            code=code,
            calendar=calendar,
            name=form.texts_of("name"),
            description=form.texts_of("description"),
            group=form.texts_of("group"),
            next_steps=form.texts_of("next_steps"),
            channels=list(data["channels"]),
            case_type=data["case_type"],
            kind=data["kind"],
            keywords=[word.strip() for word in data["keywords"].replace("،", ",").split(",") if word.strip()],
            position=data["position"] or 0,
            active=data["active"],
        )
        routing_services.save_route(service=kept, queue=queue, skills=form.needs(), priority=data["priority"])

    code = service.code if service is not None else ""
    page = editing.Editing(
        form=form,
        title=pages.text_of(service.name) if service is not None else gettext("New service"),
        meta=code,
        section="services",
        back=reverse("admin:services"),
        sections=sections_of_service(new),
        write=write,
        done=lambda: reverse("admin:service", args=[code or form.cleaned_data["code"]]),
        objects=[("service", code), ("route", code)] if code else [],
        preview=lambda: service_preview(form),
        preview_template="admin/_service_preview.html",
        template="admin/service.html",
        extra={"service": service, "questions": list(service.attributes.all()) if service else []},
    )
    return editing.answer(request, page)


def _initial(service: Service | None) -> dict[str, Any]:
    levels = {f"level_{number}": "1" for number in range(1, NEEDS + 1)}
    if service is None:
        return {"active": True, "kind": "realtime", "priority": 0, "position": 0, **levels}
    route = routing.get_route(service.pk)
    chosen: dict[str, Any] = {}
    for number, (skill, level) in enumerate(route.skills if route else [], start=1):
        chosen |= {f"skill_{number}": skill, f"level_{number}": str(level)}
    fields = (
        "name",
        "description",
        "group",
        "next_steps",
        "channels",
        "case_type",
        "kind",
        "position",
        "active",
    )
    return {
        **{name: getattr(service, name) for name in fields},
        **levels,
        **chosen,
        "calendar": service.calendar.code,
        "keywords": ", ".join(service.keywords),
        "queue": route.queue.code if route else "",
        "priority": route.priority if route else 0,
    }


def service_preview(form: PageForm) -> dict[str, Any]:
    """How the service reads on the start page, language by language, from what is in the form now."""
    return {"languages": shown_languages(form, ("name", "description", "next_steps"))}


def shown_languages(form: PageForm, names: Iterable[str]) -> list[dict[str, Any]]:
    """What stands in the form for each language that has any words."""
    from django.conf import settings

    found = []
    for code, language in settings.LANGUAGES:
        words = {name: form[f"{name}_{code}"].value() or "" for name in names}
        if any(words.values()):
            found.append(
                {
                    "code": code,
                    "dir": "rtl" if code in ("ar", "fa", "he") else "ltr",
                    "language": language,
                    **words,
                }
            )
    return found


@require_POST
@admin_view("config.edit")
def retire_service(request: HttpRequest, code: str) -> HttpResponse:
    """Stop offering a service."""
    intake_services.retire_service(code=code)
    messages.success(request, gettext("This service is not offered any more."))
    return HttpResponseRedirect(reverse("admin:services"))
