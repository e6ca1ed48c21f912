"""One way to change anything: show, check, preview, store unless overtaken, and show the history."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext

from civicline.kernel import clock
from civicline.kernel.errors import Invalid, Refused
from civicline.people.permissions import may, require
from civicline.web.admin import changes, pages
from civicline.web.admin.access import user_of
from civicline.web.admin.forms import PageForm


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a form: fields by name; a name of `form.texts` stands for its field in every language."""

    title: str | Promise
    fields: Sequence[str]
    text: str | Promise = ""
    table: bool = False


@dataclass(slots=True)
class Editing:
    """One page that changes one thing. `write` stores the valid form; `done` is where to go then."""

    form: PageForm
    title: str
    section: str
    back: str
    sections: Sequence[Section]
    write: Callable[[], Any]
    done: Callable[[], str]
    objects: Sequence[changes.Object] = ()
    action: str = "config.edit"
    meta: str = ""
    template: str = "admin/edit.html"
    preview: Callable[[], Any] | None = None
    preview_template: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)


def answer(request: HttpRequest, editing: Editing) -> HttpResponse:
    """The page, the preview, or the way on after it was stored."""
    user, form = user_of(request), editing.form
    status, overtaken = 200, None
    stamp = changes.stamp_of(editing.objects)
    if request.method == "POST":
        require(user, editing.action)
        if "preview" in request.POST:
            return _previewed(request, editing, stamp)
        if form.is_valid():
            try:
                changes.store_unless_overtaken(
                    objects=editing.objects,
                    stamp=request.POST.get("stamp", ""),
                    write=editing.write,
                    labels=form.labels(),
                )
            except changes.Overtaken as lost:
                overtaken, stamp, status = lost, lost.stamp, 409
            except Invalid as invalid:
                form.refuse(invalid)
            except Refused as refused:
                form.add_error(None, refused.message())
            else:
                said_at = timezone.localtime(clock.now()).strftime("%H:%M")
                messages.success(request, gettext("Saved at %(time)s.") % {"time": said_at})
                return HttpResponseRedirect(editing.done())
        status = status if overtaken else (422 if form.errors else 200)
    return _page(request, editing, stamp, overtaken=overtaken, status=status)


def _previewed(request: HttpRequest, editing: Editing, stamp: str) -> HttpResponse:
    editing.form.is_valid()
    if request.headers.get("HX-Request") == "true":
        shown = editing.preview() if editing.preview else {}
        return render(request, editing.preview_template, {"preview": shown})
    return _page(request, editing, request.POST.get("stamp", stamp))


def _page(
    request: HttpRequest, editing: Editing, stamp: str, *, overtaken: Any = None, status: int = 200
) -> HttpResponse:
    context = {
        "form": editing.form,
        "errors": bool(editing.form.is_bound and editing.form.errors),
        "title": editing.title,
        "meta": editing.meta,
        "back": editing.back,
        "sections": editing.sections,
        "stamp": stamp,
        "overtaken": overtaken,
        "history": changes.history_of(editing.objects, editing.form.labels()),
        "can_edit": may(user_of(request), editing.action),
        "preview": editing.preview() if editing.preview else None,
        "preview_template": editing.preview_template,
        **editing.extra,
    }
    return pages.page(request, editing.template, context, section=editing.section, status=status)
