"""Skills: what staff can do, and in which languages they are named."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods

from civicline.kernel.errors import Conflict, NotFound
from civicline.people import selectors as people
from civicline.people import services as people_services
from civicline.people.permissions import may
from civicline.web.admin import editing, pages
from civicline.web.admin.access import admin_view, user_of
from civicline.web.admin.forms import PageForm, code_field

if TYPE_CHECKING:
    from civicline.people.models import Skill

KINDS = [
    ("service", _("Knows a service")),
    ("certificate", _("Certificate that may run out")),
    ("channel", _("Can work on a channel")),
    ("language", _("Language: its short name is the language's tag, such as tr")),
    ("signed", _("Sign language: its short name is its tag, such as bfi or ase")),
]


class SkillForm(PageForm):
    """A skill under its short name."""

    texts: ClassVar[Any] = {"name": (_("Name"), 1)}
    kind = forms.ChoiceField(label=_("Kind"), choices=KINDS, widget=forms.RadioSelect)

    def __init__(self, *args: Any, new: bool, **options: Any) -> None:
        super().__init__(*args, **options)
        if new:
            self.fields["code"] = code_field()


@require_GET
@admin_view("config.read")
def skills(request: HttpRequest) -> HttpResponse:
    """Every skill, with how many people have it."""
    holders: dict[int, int] = {}
    for agent in people.list_agents():
        for held in agent.agent_skills.all():
            holders[held.skill_id] = holders.get(held.skill_id, 0) + 1
    rows = [
        {
            "href": reverse("admin:skill", args=[skill.code]),
            "name": pages.text_of(skill.name) or skill.code,
            "tags": [] if holders.get(skill.pk) else [("attention", gettext("Nobody has it"))],
            "cells": [skill.code, str(dict(KINDS)[skill.kind]).partition(":")[0], holders.get(skill.pk, 0)],
        }
        for skill in people.list_skills()
    ]
    add = {"href": reverse("admin:new_skill"), "label": gettext("New skill")}
    context = {
        "title": gettext("Skills"),
        "meta": gettext("What staff can do. Services ask for them, people have them at a level from 1 to 5."),
        "columns": [_("Skill"), _("Short name"), _("Kind"), _("People")],
        "rows": rows,
        "add": add if may(user_of(request), "config.edit") else None,
        "empty_text": gettext("There are no skills yet."),
        "empty_more": gettext(
            "Services ask for skills and people have them: a subject, a language, a certificate."
        ),
        "empty_icon": "star",
    }
    return pages.page(request, "admin/list.html", context, section="skills")


@require_http_methods(["GET", "POST"])
@admin_view("config.edit")
def new_skill(request: HttpRequest) -> HttpResponse:
    """Make a skill."""
    return _page(request, None)


@require_http_methods(["GET", "POST"])
@admin_view("config.read")
def skill(request: HttpRequest, code: str) -> HttpResponse:
    """Change a skill."""
    found = people.list_skills().filter(code=code).first()
    if found is None:
        raise NotFound(_("There is no such skill."), code="skill-unknown")
    return _page(request, found)


def _page(request: HttpRequest, row: Skill | None) -> HttpResponse:
    initial = {"name": row.name, "kind": row.kind} if row is not None else {"kind": "service"}
    form = SkillForm(request.POST or None, initial=initial, new=row is None)
    code = row.code if row is not None else ""

    def write() -> None:
        wanted = code or form.cleaned_data["code"]
        if row is None and people.list_skills().filter(code=wanted).exists():
            raise Conflict(_("There is already a skill called “%(short)s”."), code="code-taken", short=wanted)
        people_services.save_skill(code=wanted, kind=form.cleaned_data["kind"], name=form.texts_of("name"))

    page = editing.Editing(
        form=form,
        title=(pages.text_of(row.name) or row.code) if row is not None else gettext("New skill"),
        meta=code,
        section="skills",
        back=reverse("admin:skills"),
        sections=[editing.Section(_("The skill"), [*(["code"] if row is None else []), "name", "kind"])],
        write=write,
        done=lambda: reverse("admin:skills"),
        objects=[("skill", code)] if code else [],
    )
    return editing.answer(request, page)
