"""The list of telephone menus, one menu with its picture and problems, its frame, publishing and older versions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from civicline.channels.voice.flows import selectors, services
from civicline.channels.voice.flows.checking import problems_of
from civicline.channels.voice.flows.menus import read_flow
from civicline.channels.voice.flows.wording import kind_label, problem_words, way_label
from civicline.engine.callflow import Flow, Node, Problem, nodes
from civicline.engine.callflow.nodes import exits, kind_of
from civicline.kernel.db import writes
from civicline.kernel.errors import Conflict
from civicline.people.permissions import may
from civicline.web.admin import changes, editing, pages
from civicline.web.admin.access import admin_view, user_of
from civicline.web.admin.forms import PageForm, code_field
from civicline.web.admin.telephone import diagram

if TYPE_CHECKING:
    from civicline.channels.voice.flows.models import CallFlow

SECTION = "calls"
VERSIONS = 10


class FrameForm(PageForm):
    """Name, numbers, languages, first step and last resort of a menu."""

    texts: ClassVar[Any] = {"name": (_("Name"), 1)}
    numbers = forms.CharField(
        label=_("Dialled numbers that it answers"),
        widget=forms.Textarea(attrs={"dir": "ltr"}),
        required=False,
        help_text=_("One on each line."),
    )
    main = forms.BooleanField(label=_("It answers every other number too"), required=False)
    languages = forms.MultipleChoiceField(
        label=_("Languages"),
        choices=[],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one language.")},
    )
    first = forms.ChoiceField(label=_("Language where nothing is known"), choices=[], required=False)

    def __init__(self, data: Any, *, row: CallFlow | None, initial: dict[str, Any]) -> None:
        super().__init__(data, initial=initial)
        for name in ("languages", "first"):
            field: Any = self.fields[name]
            field.choices = list(settings.LANGUAGES)
        if row is None:
            self.fields["code"] = code_field()
            return
        flow = read_flow(row.draft)
        steps = [("", _("Choose a step")), *((key, key) for key in flow.nodes)]
        ends = [
            ("", _("Choose a step")),
            *((key, key) for key, node in flow.nodes.items() if nodes.ends_call(node)),
        ]
        self.fields["start"] = forms.ChoiceField(label=_("A call begins with"), choices=steps, required=False)
        self.fields["give_up"] = forms.ChoiceField(
            label=_("Calls that cannot go on lead to"), choices=ends, required=False
        )

    def in_order(self) -> list[str]:
        """The languages, the first one first."""
        data = self.cleaned_data
        chosen = [code for code, _name in settings.LANGUAGES if code in data["languages"]]
        return sorted(chosen, key=lambda code: code != data["first"])


@require_GET
@admin_view("config.read")
def menus(request: HttpRequest) -> HttpResponse:
    """Every menu, with what is wrong with its draft."""
    rows = []
    for row in selectors.list_flows():
        count = len(problems_of(read_flow(row.draft)))
        tags = [] if row.published else [("idle", gettext("Not published"))]
        if count:
            words = ngettext("%(count)d problem", "%(count)d problems", count) % {"count": count}
            tags.append(("attention", words))
        elif row.published and row.published.plain != row.draft:
            tags.append(("info", gettext("Draft differs")))
        numbers = [*row.numbers, *([gettext("every other")] if row.main else [])]
        version = row.published.number if row.published else gettext("none")
        rows.append(
            {
                "href": reverse("admin:call_menu", args=[row.code]),
                "name": pages.text_of(row.name),
                "tags": tags,
                "cells": [", ".join(numbers) or gettext("none"), len(row.draft.get("nodes", {})), version],
            }
        )
    add = {"href": reverse("admin:new_call_menu"), "label": gettext("New menu")}
    context = {
        "title": gettext("Telephone menus"),
        "meta": gettext("What callers hear, which keys they press, and where that leads."),
        "columns": [_("Menu"), _("Numbers"), _("Steps"), _("Version")],
        "rows": rows,
        "add": add if may(user_of(request), "config.edit") else None,
        "empty_text": gettext("There is no menu yet. Calls go straight to the general queue."),
        "may_record": may(user_of(request), "call_prompt.edit"),
    }
    return pages.page(request, "admin/call_menus.html", context, section=SECTION)


@require_http_methods(["GET", "POST"])
@admin_view("config.edit")
def new_menu(request: HttpRequest) -> HttpResponse:
    """Make an empty menu."""
    return _frame_page(request, None)


@require_http_methods(["GET", "POST"])
@admin_view("config.read")
def frame(request: HttpRequest, code: str) -> HttpResponse:
    """Name, numbers, languages, first step."""
    return _frame_page(request, selectors.get_flow(code))


def _frame_page(request: HttpRequest, row: CallFlow | None) -> HttpResponse:
    form = FrameForm(request.POST or None, row=row, initial=_initial(row))
    code = row.code if row is not None else ""

    @writes
    def write() -> None:
        data = form.cleaned_data
        wanted = code or data["code"]
        if row is None and selectors.find_flow(wanted) is not None:
            raise Conflict(_("There is already a menu called “%(short)s”."), code="code-taken", short=wanted)
        services.save_flow(
            code=wanted, name=form.texts_of("name"), numbers=data["numbers"].split("\n"), main=data["main"]
        )
        services.set_frame(
            code=wanted,
            start=data.get("start", ""),
            languages=form.in_order(),
            give_up=data.get("give_up", ""),
        )

    more = ["start", "give_up"] if row is not None else []
    page = editing.Editing(
        form=form,
        title=pages.text_of(row.name) if row is not None else gettext("New menu"),
        meta=code,
        section=SECTION,
        back=reverse("admin:call_menu", args=[code]) if code else reverse("admin:calls"),
        sections=[
            editing.Section(_("The menu"), [*([] if row else ["code"]), "name", "numbers", "main"]),
            editing.Section(_("Languages"), ["languages", "first"]),
            *([editing.Section(_("Begin and last resort"), more)] if more else []),
        ],
        write=write,
        done=lambda: reverse("admin:call_menu", args=[code or form.cleaned_data["code"]]),
        objects=[("call_flow", code)] if code else [],
    )
    return editing.answer(request, page)


def _initial(row: CallFlow | None) -> dict[str, Any]:
    if row is None:
        return {"languages": [settings.LANGUAGE_CODE], "first": settings.LANGUAGE_CODE}
    flow = read_flow(row.draft)
    return {
        "name": row.name,
        "numbers": "\n".join(row.numbers),
        "main": row.main,
        "languages": list(flow.languages),
        "first": (*flow.languages, "")[0],
        "start": flow.start,
        "give_up": flow.give_up,
    }


@require_GET
@admin_view("config.read")
def menu(request: HttpRequest, code: str) -> HttpResponse:
    """The picture, the steps with their problems in words, the versions."""
    row = selectors.get_flow(code)
    flow = read_flow(row.draft)
    problems = list(problems_of(flow))
    differs = row.published is None or row.published.plain != row.draft
    context = {
        "title": pages.text_of(row.name),
        "row": row,
        "back": reverse("admin:calls"),
        "picture": diagram.draw(flow, frozenset(one.node for one in problems)),
        "general": [problem_words(one) for one in problems if not one.node],
        "problem_count": len(problems),
        "steps": [_step(key, flow.nodes[key], flow, problems) for key in diagram.in_order(flow)],
        "differs": differs,
        "versions": selectors.list_versions(row)[:VERSIONS],
        "can_edit": may(user_of(request), "config.edit"),
        "may_record": may(user_of(request), "call_prompt.edit"),
        "history": changes.history_of([("call_flow", code)]),
    }
    return pages.page(request, "admin/call_menu.html", context, section=SECTION)


def _step(key: str, node: Node, flow: Flow, problems: list[Problem]) -> dict[str, Any]:
    prompt = getattr(node, "prompt", "")
    kind = kind_of(node)
    return {
        "key": key,
        "kind": kind_label(kind),
        "icon": diagram.ICONS[kind],
        "first": key == flow.start,
        "last": key == flow.give_up,
        "prompt": prompt,
        "about": _about(node),
        "ways": [
            {"words": way_label(way.name), "target": way.target, "known": way.target in flow.nodes}
            for way in exits(node)
            if way.target
        ],
        "problems": [problem_words(one) for one in problems if one.node == key],
    }


def _about(node: Node) -> str:
    """What a step is about, beside its words: a queue, hours, a number."""
    return str(getattr(node, "queue", "") or getattr(node, "calendar", "") or getattr(node, "target", ""))


@require_POST
@admin_view("config.edit")
def publish(request: HttpRequest, code: str) -> HttpResponse:
    """Let callers hear the draft, from the next call on."""
    try:
        version = services.publish(code=code, note=request.POST.get("note", ""))
    except services.NotSound as refused:
        messages.warning(request, refused.message())
    else:
        messages.success(request, gettext("Version %(number)s is published.") % {"number": version.number})
    return HttpResponseRedirect(reverse("admin:call_menu", args=[code]))


@require_POST
@admin_view("config.edit")
def roll_back(request: HttpRequest, code: str) -> HttpResponse:
    """Take an older version back."""
    wanted = request.POST.get("number", "")
    version = services.roll_back(
        code=code, number=int(wanted) if wanted.isdecimal() and len(wanted) < 9 else 0
    )
    words = gettext("Version %(old)s is back, as version %(number)s.")
    messages.success(request, words % {"old": wanted, "number": version.number})
    return HttpResponseRedirect(reverse("admin:call_menu", args=[code]))
