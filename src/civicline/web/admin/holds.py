"""Legal holds: what has to stay as it is, why, since when, and until somebody ends it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods

from civicline.cases import selectors as cases
from civicline.intake import selectors as intake
from civicline.kernel import audit, clock
from civicline.kernel.errors import Invalid, NotFound, Refused
from civicline.people import personal
from civicline.people import selectors as people
from civicline.people import services as people_services
from civicline.people.permissions import may
from civicline.web.admin import changes, pages
from civicline.web.admin.access import admin_view, user_of
from civicline.web.admin.forms import PageForm

if TYPE_CHECKING:
    from civicline.people.models import LegalHold, User

KINDS = {"case": _("Case"), "contact": _("Contact"), "resident": _("Resident")}


@dataclass(frozen=True, slots=True)
class Held:
    """What a hold is about: enough to find it again, no more than its holder's page needs."""

    kind: str
    object_id: UUID
    reference: str
    resident_id: UUID | None
    about: str


class HoldForm(PageForm):
    """Which thing, and why."""

    resident = forms.UUIDField(required=False, widget=forms.HiddenInput)
    reference = forms.CharField(
        label=_("Reference of the case or contact"),
        required=False,
        max_length=20,
        help_text=_("Like SM-4K7-291. A case brings its contacts with it."),
    )
    reason = forms.CharField(
        label=_("Why does it have to stay?"),
        max_length=500,
        widget=forms.Textarea,
        help_text=_(
            "Such as the number of the proceedings. It is kept in the audit log. Name no personal data."
        ),
        error_messages={"required": _("Say why this has to stay, such as the number of the proceedings.")},
    )
    review_on = forms.DateField(
        label=_("Look at it again on"),
        required=False,
        help_text=_("From that day on the first page of administration names it. It does not end by itself."),
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"invalid": _("Give a day like 2027-03-31.")},
    )

    found: Held | None = None

    def clean(self) -> dict[str, Any] | None:
        """Find what is meant, once, so that a mistake stands at its field."""
        resident, reference = self.cleaned_data.get("resident"), self.cleaned_data.get("reference", "")
        if resident is not None:
            self.found = resident_named(resident)
        elif not reference:
            self.add_error("reference", _("Give the reference of a case or a contact."))
        else:
            self.found = named(reference)
            if self.found is None:
                self.add_error("reference", _("There is no case and no contact with this reference."))
        return self.cleaned_data


def named(reference: str) -> Held | None:
    """The case or contact of a reference, or None."""
    reference = personal.clean_text(reference)
    case = cases.find_by_reference(reference)
    if case is not None:
        return Held("case", case.pk, case.reference, case.resident_id, str(KINDS["case"]))
    contact = intake.get_contact_by_reference(reference)
    if contact is not None:
        return Held("contact", contact.pk, contact.reference, contact.resident_id, str(KINDS["contact"]))
    return None


def resident_named(resident_id: UUID) -> Held | None:
    """A resident who was not erased, or None."""
    found = people.find_resident(resident_id)
    if found is None or found.erased_at is not None:
        return None
    return Held("resident", found.pk, "", found.pk, found.name or gettext("No name"))


@require_GET
@admin_view("hold.read")
def holds(request: HttpRequest) -> HttpResponse:
    """What is on hold, or was."""
    user = user_of(request)
    ended = request.GET.get("ended") == "1"
    active, over = people.list_holds(), people.list_holds(active=False)
    here = reverse("admin:holds")
    waiting = people.waiting_erasures()
    context = {
        "title": gettext("Legal holds"),
        "meta": gettext("What has to stay as it is. Retention and erasure pass it by."),
        "tabs": [
            {"label": gettext("Going on"), "href": here, "current": not ended, "count": active.count()},
            {"label": gettext("Ended"), "href": f"{here}?ended=1", "current": ended, "count": over.count()},
        ],
        "ended": ended,
        "rows": [_row(one, user) for one in (over if ended else active)],
        "may_place": may(user, "hold.place"),
        "waiting": ngettext(
            "%(count)d erasure waits for a hold to end. It follows by itself.",
            "%(count)d erasures wait for a hold to end. They follow by themselves.",
            waiting,
        )
        % {"count": waiting}
        if waiting
        else "",
    }
    return pages.page(request, "admin/holds.html", context, section="holds")


def _row(hold: LegalHold, user: User) -> dict[str, Any]:
    return {
        "hold": hold,
        "href": reverse("admin:hold", args=[hold.pk]),
        "name": name_of(hold, user),
        "kind": KINDS[hold.kind],
        "review_due": hold.ended_at is None and is_due(hold),
    }


def is_due(hold: LegalHold) -> bool:
    """Whether the day has come on which somebody wanted to look at this hold again."""
    return hold.review_on is not None and hold.review_on <= clock.now().date()


def name_of(hold: LegalHold, user: User) -> str:
    """The reference, or for those who may know residents their name."""
    if hold.reference:
        return hold.reference
    found = people.find_resident(hold.object_id) if may(user, "resident.export") else None
    return found.name if found is not None and found.name else gettext("A resident")


@require_http_methods(["GET", "POST"])
@admin_view("hold.place")
def new_hold(request: HttpRequest) -> HttpResponse:
    """Put something on hold."""
    asked = {"reference": request.GET.get("reference", "")[:20], "resident": request.GET.get("resident", "")}
    form = HoldForm(request.POST or None, initial=asked)
    if request.method == "POST" and form.is_valid() and form.found is not None:
        held = form.found
        try:
            made = people_services.place_hold(
                kind=held.kind,
                object_id=held.object_id,
                reference=held.reference,
                resident_id=held.resident_id,
                reason=form.cleaned_data["reason"],
                review_on=form.cleaned_data["review_on"],
                by=user_of(request).pk,
            )
        except Invalid as invalid:
            form.refuse(invalid)
        except Refused as refused:
            form.add_error(None, refused.message())
        else:
            messages.success(request, gettext("It is on hold now. Retention and erasure pass it by."))
            return HttpResponseRedirect(reverse("admin:hold", args=[made.pk]))
    resident = _resident_of(form, asked)
    if resident is not None:
        del form.fields["reference"]
    context = {
        "title": gettext("New legal hold"),
        "form": form,
        "errors": bool(form.is_bound and form.errors),
        "resident": resident,
        "back": reverse("admin:holds"),
    }
    status = 422 if form.is_bound and form.errors else 200
    return pages.page(request, "admin/new_hold.html", context, section="holds", status=status)


def _resident_of(form: HoldForm, asked: dict[str, str]) -> Held | None:
    """The resident that the page is about; NotFound when the address names one there is not."""
    given = form.data.get("resident") if form.is_bound else asked["resident"]
    if not given:
        return None
    try:
        found = resident_named(UUID(str(given)))
    except ValueError:
        found = None
    if found is None:
        raise NotFound(_("We have no such resident."), code="resident-unknown")
    audit.record("resident.read", object=("resident", found.object_id), resident_id=found.object_id)
    return found


class EndForm(PageForm):
    """Why it ends."""

    reason = forms.CharField(
        label=_("Why does the hold end?"),
        max_length=500,
        widget=forms.Textarea,
        error_messages={"required": _("Say why the hold ends.")},
    )
    sure = forms.BooleanField(
        label=_("Retention and erasure may take it again. What is overdue goes the next night."),
        error_messages={"required": _("Confirm that it may go.")},
    )


@require_http_methods(["GET", "POST"])
@admin_view("hold.read")
def hold(request: HttpRequest, hold_id: UUID) -> HttpResponse:
    """One hold with its history; those who may end it do so here."""
    user, row = user_of(request), people.get_hold(hold_id)
    ends = row.ended_at is None and may(user, "hold.end")
    form = EndForm(request.POST or None)
    context = {
        "title": f"{KINDS[row.kind]} {name_of(row, user)}",
        "hold": row,
        "case_href": reverse("desk:case", args=[row.reference])
        if row.kind == "case" and may(user, "case.read")
        else "",
        "review_due": row.ended_at is None and is_due(row),
        "form": form if ends else None,
        "history": changes.history_of([("hold", str(row.pk))]),
        "errors": bool(form.is_bound and form.errors),
        "back": reverse("admin:holds"),
    }
    return pages.page(
        request, "admin/hold.html", context, section="holds", status=422 if context["errors"] else 200
    )


@require_http_methods(["POST"])
@admin_view("hold.end")
def end_hold(request: HttpRequest, hold_id: UUID) -> HttpResponse:
    """End a hold, with a reason."""
    if not EndForm(request.POST).is_valid():
        return hold(request, hold_id)  # the same page, with what is wrong
    people_services.end_hold(hold_id=hold_id, reason=request.POST["reason"], by=user_of(request).pk)
    messages.success(request, gettext("The hold has ended."))
    return HttpResponseRedirect(reverse("admin:hold", args=[hold_id]))
