"""One step of a menu: added, changed, taken out."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from civicline.channels.voice.flows import selectors, services
from civicline.channels.voice.flows.checking import problems_of
from civicline.channels.voice.flows.menus import read_flow
from civicline.channels.voice.flows.wording import KINDS, kind_label, problem_words
from civicline.engine.callflow import node_from_plain
from civicline.engine.callflow.nodes import kind_of
from civicline.kernel.errors import Conflict, NotFound
from civicline.web.admin import editing
from civicline.web.admin.access import admin_view
from civicline.web.admin.forms import PageForm, code_field
from civicline.web.admin.telephone.menus import SECTION
from civicline.web.admin.telephone.step_form import StepForm, sections

USUAL = {
    "language": {"prompt": "language_choice"},
    "queue": {"prompt": "please_wait"},
    "transfer": {"to": "queue", "prompt": "connecting"},
}


class NewStepForm(PageForm):
    """A short name and what it does."""

    kind = forms.ChoiceField(
        label=_("What happens at this step?"), widget=forms.RadioSelect,
        error_messages={"required": _("Choose what happens."), "invalid_choice": _("Choose what happens.")},
    )  # fmt: skip

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        field: Any = self.fields["kind"]
        field.choices = [(kind, f"{name}. {text}") for kind, (name, text) in KINDS.items()]
        self.fields = {"code": code_field(), **self.fields}


@require_http_methods(["GET", "POST"])
@admin_view("config.edit")
def new_step(request: HttpRequest, code: str) -> HttpResponse:
    """Choose what happens; the details come next."""
    row = selectors.get_flow(code)
    form = NewStepForm(request.POST or None)

    def write() -> None:
        key, kind = form.cleaned_data["code"], form.cleaned_data["kind"]
        if key in read_flow(row.draft).nodes:
            raise Conflict(_("There is already a step called “%(short)s”."), code="code-taken", short=key)
        services.put_node(code=code, key=key, node=node_from_plain({"kind": kind, **USUAL.get(kind, {})}))

    page = editing.Editing(
        form=form,
        title=gettext("New step"),
        meta=code,
        section=SECTION,
        back=reverse("admin:call_menu", args=[code]),
        sections=[editing.Section(_("The step"), ["code", "kind"])],
        write=write,
        done=lambda: reverse("admin:call_step", args=[code, form.cleaned_data["code"]]),
        objects=[("call_flow", code)],
    )
    return editing.answer(request, page)


@require_http_methods(["GET", "POST"])
@admin_view("config.read")
def step(request: HttpRequest, code: str, key: str) -> HttpResponse:
    """Change a step."""
    row = selectors.get_flow(code)
    flow = read_flow(row.draft)
    node = flow.nodes.get(key)
    if node is None:
        raise NotFound(_("There is no such step."), code="call-step-unknown")
    form = StepForm(request.POST if request.method == "POST" else None, flow=flow, node=node)
    page = editing.Editing(
        form=form,
        title=f"{key}: {kind_label(kind_of(node))}",
        meta=str(KINDS[kind_of(node)][1]),
        section=SECTION,
        back=reverse("admin:call_menu", args=[code]),
        sections=sections(form),
        write=lambda: services.put_node(code=code, key=key, node=form.node()),
        done=lambda: reverse("admin:call_menu", args=[code]) + f"#step-{key}",
        objects=[("call_flow", code)],
        template="admin/call_step.html",
        extra={
            "code": code,
            "step_key": key,
            "problems": [problem_words(one) for one in problems_of(flow) if one.node == key],
        },
    )
    return editing.answer(request, page)


@require_POST
@admin_view("config.edit")
def drop_step(request: HttpRequest, code: str, key: str) -> HttpResponse:
    """Take a step out; what led to it leads to where it went on."""
    services.remove_node(code=code, key=key)
    messages.success(request, gettext("The step “%(key)s” is removed.") % {"key": key})
    return HttpResponseRedirect(reverse("admin:call_menu", args=[code]))
