"""What is done with cases at the desk: opened from a contact, moved along their table, linked, split, followed."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from civicline.cases import selectors as cases
from civicline.cases import services as case_services
from civicline.cases import wording as case_wording
from civicline.kernel import ids
from civicline.kernel.errors import Invalid, Refused
from civicline.people.permissions import require
from civicline.web.desk import conversation, mentions, pages
from civicline.web.desk.access import desk_view, load_case, load_contact, user_of, wants_parts, words_of
from civicline.web.desk.casefile import whole

if TYPE_CHECKING:
    from civicline.cases.models import Case
    from civicline.intake.models import Contact


def _version(request: HttpRequest) -> int | None:
    given = request.POST.get("version", "")
    return int(given) if given.isdecimal() and len(given) < 10 else None


def _after(request: HttpRequest, case: Case, words: str) -> HttpResponseBase:
    """Back to where the form stood: the case's page, or the contact beside which its card was."""
    contact_id = ids.read(request.POST.get("contact", ""))
    if contact_id is not None:
        contact = load_contact(request, contact_id)
        require(user_of(request), "contact.read", contact)
        if wants_parts(request):
            context = conversation.right(request, contact) | {"told": words, "kind": "ok"}
            return pages.parts(request, ["side", "told"], context)
        return pages.done(request, words, reverse("desk:contact", args=[contact.pk]))
    return pages.done(request, words, reverse("desk:case", args=[case.reference]))


def _refused(request: HttpRequest, case: Case, refused: Refused) -> HttpResponseBase:
    """Tell why, with the case as it is now and everything that was typed."""
    if wants_parts(request):
        raise refused
    typed = {name: value for name, value in request.POST.items() if isinstance(value, str)}
    return whole(
        request,
        load_case(request, case.reference),
        problem=words_of(refused),
        typed=typed,
        status=refused.status,
    )


@require_POST
@desk_view("case.step", obj=load_case)
def step(request: HttpRequest, case: Case) -> HttpResponseBase:
    """Move the case along its table."""
    try:
        moved = case_services.take_step(
            case_id=case.pk,
            transition=request.POST.get("transition", ""),
            by=user_of(request).pk,
            note=request.POST.get("note", ""),
            reason=request.POST.get("reason", ""),
            duplicate_of=request.POST.get("duplicate_of", ""),
            version=_version(request),
        )
    except Refused as refused:
        return _refused(request, case, refused)
    words = gettext("%(reference)s: %(state)s.") % {
        "reference": moved.reference,
        "state": case_wording.state_label(moved.state),
    }
    return _after(request, moved, words)


@require_POST
@desk_view("case.note", obj=load_case)
def note(request: HttpRequest, case: Case) -> HttpResponseBase:
    """A note that never leaves the house; colleagues named in it by @ are told."""
    text, user = request.POST.get("text", ""), user_of(request)
    try:
        case_services.add_note(
            case_id=case.pk, text=text, by=user.pk, mentions=tuple(mentions.named_by(user, text))
        )
    except Refused as refused:
        return _refused(request, case, refused)
    return _after(request, case, gettext("Note added."))


@require_POST
@desk_view("case.note", obj=load_case)
def update(request: HttpRequest, case: Case) -> HttpResponseBase:
    """A word to the resident."""
    try:
        case_services.add_public_update(
            case_id=case.pk,
            text=request.POST.get("text", ""),
            by=user_of(request).pk,
            version=_version(request),
        )
    except Refused as refused:
        return _refused(request, case, refused)
    return _after(request, case, gettext("The resident can read it now."))


@require_POST
@desk_view("case.claim", obj=load_case)
def owner(request: HttpRequest, case: Case) -> HttpResponseBase:
    """Take a case, or give it to somebody else (the owner and supervisors may)."""
    user, given = user_of(request), request.POST.get("owner", "me")
    agent_id = user.pk if given == "me" else ids.read(given)
    # Taking what nobody owns is claiming it; everything else is giving it away.
    if agent_id != user.pk or (case.owner_id is not None and case.owner_id != user.pk):
        require(user, "case.assign", case)
    try:
        changed = case_services.assign_owner(
            case_id=case.pk,
            agent_id=agent_id,
            by=user.pk,
            reason=request.POST.get("reason", ""),
            version=_version(request),
        )
    except Refused as refused:
        return _refused(request, case, refused)
    name = changed.owner.user.name if changed.owner else gettext("nobody")
    return _after(
        request,
        changed,
        gettext("%(reference)s belongs to %(name)s.") % {"reference": case.reference, "name": name},
    )


def _other(request: HttpRequest) -> Case:
    """The case whose reference was typed. Invalid when there is none."""
    typed = request.POST.get("other", "")
    found = cases.find_by_reference(typed)
    if found is None:
        raise Invalid(
            _("There is no case “%(reference)s”. A reference looks like SM-4K7-291."), reference=typed[:40]
        )
    return found


@require_POST
@desk_view("case.link", obj=load_case)
def link(request: HttpRequest, case: Case) -> HttpResponseBase:
    """Say that two cases belong together."""
    try:
        other = _other(request)
        case_services.link(case_id=case.pk, other_id=other.pk, by=user_of(request).pk)
    except Refused as refused:
        return _refused(request, case, refused)
    return _after(request, case, gettext("Linked with %(reference)s.") % {"reference": other.reference})


@require_POST
@desk_view("case.link", obj=load_case)
def unlink(request: HttpRequest, case: Case) -> HttpResponseBase:
    """Take a link back."""
    try:
        other = _other(request)
        case_services.unlink(case_id=case.pk, other_id=other.pk, by=user_of(request).pk)
    except Refused as refused:
        return _refused(request, case, refused)
    return _after(
        request, case, gettext("No longer linked with %(reference)s.") % {"reference": other.reference}
    )


@require_POST
@desk_view("case.link", obj=load_case)
def merge(request: HttpRequest, case: Case) -> HttpResponseBase:
    """Make this case part of another, which is shown then."""
    try:
        target = case_services.merge(
            case_id=case.pk,
            into_id=_other(request).pk,
            by=user_of(request).pk,
            reason=request.POST.get("reason", ""),
            version=_version(request),
        )
    except Refused as refused:
        return _refused(request, case, refused)
    words = gettext("%(reference)s is now part of this case.") % {"reference": case.reference}
    return pages.done(request, words, reverse("desk:case", args=[target.reference]))


@require_POST
@desk_view("case.link", obj=load_case)
def split(request: HttpRequest, case: Case) -> HttpResponseBase:
    """A new case out of this one, with the contacts that were chosen."""
    chosen = [one for one in map(ids.read, request.POST.getlist("contacts")) if one is not None]
    try:
        new = case_services.split(
            case_id=case.pk,
            contact_ids=chosen,
            title=request.POST.get("title", ""),
            type=request.POST.get("type", ""),
            by=user_of(request).pk,
            version=_version(request),
        ).case
    except Refused as refused:
        return _refused(request, case, refused)
    words = gettext("%(reference)s was opened out of %(first)s.") % {
        "reference": new.reference,
        "first": case.reference,
    }
    return pages.done(request, words, reverse("desk:case", args=[new.reference]))


@require_POST
@desk_view("case.follow", obj=load_case)
def follow(request: HttpRequest, case: Case) -> HttpResponseBase:
    """Hear of each change, or no longer."""
    user = user_of(request)
    if request.POST.get("follow") == "no":
        case_services.unfollow(case_id=case.pk, user_id=user.pk)
        return _after(request, case, gettext("You no longer follow this case."))
    case_services.follow(case_id=case.pk, user_id=user.pk)
    return _after(request, case, gettext("You follow this case."))


@require_POST
@desk_view("case.reopen", obj=load_case)
def reopen(request: HttpRequest, case: Case) -> HttpResponseBase:
    """Open an ended case again."""
    try:
        case_services.reopen(
            case_id=case.pk,
            reason=request.POST.get("reason", ""),
            by=user_of(request).pk,
            version=_version(request),
        )
    except Refused as refused:
        return _refused(request, case, refused)
    return _after(request, case, gettext("The case is open again."))


def _load_to_open(request: HttpRequest, contact_id: UUID) -> Contact:
    contact = load_contact(request, contact_id)
    require(user_of(request), "contact.read", contact)
    return contact


@require_POST
@desk_view("case.open", obj=_load_to_open)
def open_case(request: HttpRequest, contact: Contact) -> HttpResponseBase:
    """A case out of a contact, owned by who opens it when they ask for that."""
    user = user_of(request)
    opened = case_services.open_case(
        type=request.POST.get("type", ""),
        title=request.POST.get("title", ""),
        description=request.POST.get("description", ""),
        service=contact.service,
        contact=contact,
        by=user.pk,
    )
    if request.POST.get("own"):
        case_services.assign_owner(case_id=opened.case.pk, agent_id=user.pk, by=user.pk)
    return _beside(
        request, contact, gettext("Case %(reference)s is open.") % {"reference": opened.case.reference}
    )


@require_POST
@desk_view("case.link", obj=_load_to_open)
def link_contact(request: HttpRequest, contact: Contact) -> HttpResponseBase:
    """Say that a contact is about a case that is there already."""
    found = _other(request)
    if found.merged_into_id is not None:
        found = cases.final_case(found)
    if not case_services.link_contact(case_id=found.pk, contact_id=contact.pk, by=user_of(request).pk):
        raise Invalid(_("This contact is linked with that case already."), code="linked")
    return _beside(request, contact, gettext("Linked with %(reference)s.") % {"reference": found.reference})


def _beside(request: HttpRequest, contact: Contact, words: str) -> HttpResponseBase:
    if wants_parts(request):
        context = conversation.right(request, contact) | {"told": words, "kind": "ok"}
        return pages.parts(request, ["side", "told"], context, focus="case")
    return pages.done(request, words, reverse("desk:contact", args=[contact.pk]))
