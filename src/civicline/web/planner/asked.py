"""What stands on every page of something simulated: its kinds as tabs, its request, what a yes would change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms as django_forms
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext

from civicline.web.planner import pages, telling
from civicline.workforce import wording
from civicline.workforce.selectors import scenarios
from civicline.workforce.services.approvals import preview

if TYPE_CHECKING:
    from civicline.workforce.models import WhatIf


def tabs(kind: str) -> list[dict[str, Any]]:
    """The four things that can be asked."""
    found = (
        ("plan", gettext("A day to come"), "planner:what_ifs"),
        ("past", gettext("A day that was"), "planner:past_days"),
        ("training", gettext("Trainings"), "planner:trainings"),
        ("hiring", gettext("Hiring"), "planner:hirings"),
    )
    return [{"label": label, "href": reverse(name), "current": code == kind} for code, label, name in found]


def asking(request: HttpRequest, kind: str, template: str, form: django_forms.Form) -> HttpResponse:
    """The page that asks for one kind, with what was asked before; 422 while the form has faults."""
    errors = bool(form.is_bound and form.errors)
    context = {"form": form, "rows": scenarios.list_what_ifs(kind), "errors": errors, "tabs": tabs(kind)}
    return pages.page(request, template, context, section="what_ifs", status=422 if errors else 200)


def asked_words(row: WhatIf) -> dict[str, Any]:
    """The newest request to make it real, in words."""
    asked = max(row.requests.all(), key=lambda one: one.asked_at, default=None)
    if asked is None:
        return {"asked": None}
    undone = asked.undone_at is not None
    return {
        "asked": asked,
        "asked_words": gettext("taken back") if undone else wording.DECISIONS[asked.state],
        "asked_role": "idle" if undone else wording.ROLES[asked.state],
        "may_ask": undone or asked.state == "refused",
    }


def preview_of(row: WhatIf) -> dict[str, Any]:
    """What a yes would change, or why it would change nothing."""
    steps, problem = preview(row)
    return {"steps": telling.told_steps(steps), "no_steps": problem}
