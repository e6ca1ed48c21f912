"""Staff: accounts, roles, skills, capacity, invitations, where they are signed in."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any
from uuid import UUID

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from civicline.kernel import audit
from civicline.kernel.errors import Invalid, Refused
from civicline.kernel.texts import in_a_row
from civicline.people import selectors as people
from civicline.people import services as people_services
from civicline.people.permissions import may, require
from civicline.people.roles import ROLE_NAMES, Role
from civicline.people.services import staff as staff_rules
from civicline.web import sessions
from civicline.web.admin import editing, pages
from civicline.web.admin.access import admin_view, user_of
from civicline.web.admin.forms import PageForm, whole

if TYPE_CHECKING:
    from civicline.people.models import Skill, User

ROLES = [(role.value, ROLE_NAMES[role]) for role in Role]
LEVELS = [("0", _("Not"))] + [(str(level), str(level)) for level in range(1, 6)]
CLASSES = [
    ("voice", _("Calls at once")),
    ("chat", _("Chats at once")),
    ("written", _("Written contacts at once")),
]
INVITED = "admin_invitation"


class PersonForm(PageForm):
    """An account with its roles and, for those who take contacts, skills and capacity."""

    name = forms.CharField(label=_("Name"), max_length=200, error_messages={"required": _("Give a name.")})
    email = forms.EmailField(
        label=_("Email address"),
        help_text=_("They sign in with it."),
        error_messages={
            "required": _("Give an email address."),
            "invalid": _("Give an email address like name@example.org."),
        },
    )
    roles = forms.MultipleChoiceField(
        label=_("Roles"), choices=ROLES, widget=forms.CheckboxSelectMultiple, required=False
    )

    def __init__(self, *args: Any, takes_contacts: bool, new: bool, **options: Any) -> None:
        super().__init__(*args, **options)
        self.skills: list[Skill] = []
        if new:
            self.fields["language"] = forms.ChoiceField(
                label=_("Language of the pages"), choices=settings.LANGUAGES
            )
        if not takes_contacts:
            return
        for kind, label in CLASSES:
            most = staff_rules.CAPACITY_CLASSES[kind]
            self.fields[f"capacity_{kind}"] = whole(label, most=most)
        self.fields["offer_seconds"] = whole(
            _("Seconds to answer an offer"),
            _("Empty: as the queue says. Somebody may need longer; no report shows it."),
            least=staff_rules.SHORTEST_OFFER_SECONDS,
            most=staff_rules.LONGEST_OFFER_SECONDS,
            required=False,
        )
        self.skills = list(people.list_skills())
        for skill in self.skills:
            self.fields[f"skill_{skill.pk}"] = forms.ChoiceField(
                label=pages.text_of(skill.name) or skill.code, choices=LEVELS, required=False
            )
            if skill.kind == "certificate":
                self.fields[f"expires_{skill.pk}"] = forms.DateField(
                    label=_("Holds until"), required=False, widget=forms.DateInput(attrs={"type": "date"}),
                    error_messages={"invalid": _("Give a day like 2027-03-31.")},
                )  # fmt: skip

    def levels(self) -> list[people_services.SkillLevel]:
        """The skills with a level of 1 and more."""
        found = []
        for skill in self.skills:
            level = int(self.cleaned_data.get(f"skill_{skill.pk}") or 0)
            if level:
                expires = self.cleaned_data.get(f"expires_{skill.pk}")
                found.append(people_services.SkillLevel(skill.code, level, expires))
        return found


def _sections(form: PersonForm, new: bool) -> list[editing.Section]:
    parts = [editing.Section(_("Account"), ["name", "email", *(["language"] if new else []), "roles"])]
    if form.skills or "capacity_chat" in form.fields:
        parts.append(
            editing.Section(
                _("How much at once"),
                [*(f"capacity_{kind}" for kind, _l in CLASSES), "offer_seconds"],
                table=True,
            )
        )
    for kind, title in (
        ("service", _("Skills")),
        ("certificate", _("Certificates")),
        ("channel", _("Channels")),
        ("language", _("Languages")),
    ):
        names = [
            name
            for skill in form.skills
            if skill.kind == kind
            for name in (f"skill_{skill.pk}", f"expires_{skill.pk}")
            if name in form.fields
        ]
        if names:
            text = _("From 1, knows the basics, to 5, teaches others.") if kind == "service" else ""
            parts.append(editing.Section(title, names, text, table=True))
    return parts


@require_GET
@admin_view("staff.read")
def staff(request: HttpRequest) -> HttpResponse:
    """Every account, also of those who left."""
    rows = []
    for user in people.list_staff():
        held = {grant.role for grant in user.grants.all()}
        tags = [] if user.is_active else [("idle", gettext("May not sign in"))]
        if user.is_active and not held:
            tags.append(("attention", gettext("No role")))
        if user.is_active and user.last_login is None:
            tags.append(("info", gettext("Never signed in")))
        roles = in_a_row(str(ROLE_NAMES[role]) for role in Role if role.value in held)
        rows.append(
            {
                "href": reverse("admin:person", args=[user.pk]),
                "name": user.name,
                "tags": tags,
                "cells": [user.email, roles or gettext("none")],
            }
        )
    add = {"href": reverse("admin:invite"), "label": gettext("Invite somebody")}
    context = {
        "title": gettext("Staff"),
        "meta": gettext("Who may sign in, and what for."),
        "columns": [_("Name"), _("Email address"), _("Roles")],
        "rows": rows,
        "add": add if may(user_of(request), "staff.edit") else None,
        "empty_text": gettext("There is nobody yet."),
        "empty_more": gettext("Whoever works here is invited by email and chooses a way to sign in."),
        "empty_icon": "user",
    }
    return pages.page(request, "admin/list.html", context, section="staff")


@require_http_methods(["GET", "POST"])
@admin_view("staff.edit")
def invite(request: HttpRequest) -> HttpResponse:
    """Make an account, and a link that lets its owner choose a password, once."""
    form = PersonForm(
        request.POST or None, initial={"language": settings.LANGUAGE_CODE}, takes_contacts=False, new=True
    )
    made: list[User] = []

    def write() -> None:
        if not form.cleaned_data["roles"]:
            raise Invalid(fields={"roles": _("Choose at least one role. Without one they can do nothing.")})
        require(user_of(request), "role.grant")
        data = form.cleaned_data
        made[:] = [
            people_services.create_staff(
                email=data["email"], name=data["name"], roles=data["roles"], language=data["language"]
            )
        ]

    def done() -> str:
        _keep_link(request, made[0])
        return reverse("admin:person", args=[made[0].pk])

    page = editing.Editing(
        form=form,
        title=gettext("Invite somebody"),
        meta=gettext("You get a link to hand over. It works once, for three days."),
        section="staff",
        back=reverse("admin:staff"),
        sections=_sections(form, new=True),
        write=write,
        done=done,
        action="staff.edit",
    )
    return editing.answer(request, page)


def invitation_link(request: HttpRequest, user: User) -> str:
    """A link by which somebody chooses a new password once; another sign-in or password makes it useless."""
    key = f"{user_pk_to_url_str(user)}-{default_token_generator.make_token(user)}"
    uid, _sep, token = key.partition("-")
    path = reverse("account_reset_password_from_key", kwargs={"uidb36": uid, "key": token})
    base = settings.CIVICLINE.public_url.rstrip("/") if settings.CIVICLINE.public_url else ""
    return f"{base}{path}" if base else request.build_absolute_uri(path)


def _keep_link(request: HttpRequest, user: User) -> None:
    """Show the link on the next page only: it is in no log and in no address."""
    request.session[INVITED] = {"user": str(user.pk), "link": invitation_link(request, user)}


@require_http_methods(["GET", "POST"])
@admin_view("staff.read")
def person(request: HttpRequest, user_id: UUID) -> HttpResponse:
    """Change an account."""
    user = people.get_user(user_id)
    agent = getattr(user, "agent", None)
    form = PersonForm(
        request.POST or None, initial=_initial(user), takes_contacts=agent is not None, new=False
    )
    given = request.session.get(INVITED) or {}
    link = request.session.pop(INVITED)["link"] if given.get("user") == str(user.pk) else ""
    page = editing.Editing(
        form=form,
        title=user.name,
        meta=user.email,
        section="staff",
        back=reverse("admin:staff"),
        sections=_sections(form, new=False),
        write=lambda: _store(request, form, user),
        done=lambda: reverse("admin:person", args=[user.pk]),
        objects=[("staff", str(user.pk))],
        action="staff.edit",
        template="admin/person.html",
        extra={
            "person": user,
            "link": link,
            "own": user.pk == user_of(request).pk,
            "signed_in": sessions.sessions_of(user.pk) if may(user_of(request), "staff.edit") else [],
        },
    )
    return editing.answer(request, page)


def _store(request: HttpRequest, form: PersonForm, user: User) -> None:
    data = form.cleaned_data
    if data["name"] != user.name or data["email"] != user.email:
        people_services.change_staff(user_id=user.pk, name=data["name"], email=data["email"])
    _set_roles(request, user, data["roles"])
    if "capacity_chat" in form.fields:
        people_services.set_skills(agent_id=user.pk, skills=form.levels())
        capacity = {kind: data[f"capacity_{kind}"] for kind, _label in CLASSES}
        people_services.set_capacity(agent_id=user.pk, capacity=capacity, offer_seconds=data["offer_seconds"])


def _set_roles(request: HttpRequest, user: User, wanted: Iterable[str]) -> None:
    held, chosen = {grant.role for grant in user.grants.all()}, set(wanted)
    if held == chosen:
        return
    require(user_of(request), "role.grant")
    for role in chosen - held:
        people_services.grant_role(user_id=user.pk, role=role)
    for role in held - chosen:
        people_services.revoke_role(user_id=user.pk, role=role)


def _initial(user: User) -> dict[str, Any]:
    initial: dict[str, Any] = {
        "name": user.name,
        "email": user.email,
        "roles": [grant.role for grant in user.grants.all()],
    }
    agent = getattr(user, "agent", None)
    if agent is None:
        return initial
    for kind, _label in CLASSES:
        initial[f"capacity_{kind}"] = agent.capacity.get(kind, 0)
    initial["offer_seconds"] = agent.offer_seconds
    for held in agent.agent_skills.all():
        initial[f"skill_{held.skill_id}"] = str(held.level)
        initial[f"expires_{held.skill_id}"] = held.expires_on
    return initial


@require_POST
@admin_view("staff.edit")
def person_link(request: HttpRequest, user_id: UUID) -> HttpResponse:
    """A new one-time link, for who lost the first one or the password."""
    user = people.get_user(user_id)
    if not user.is_active:
        raise Refused(_("This account may not sign in. Let them in first."), code="inactive")
    _keep_link(request, user)
    audit.record("staff.invited", object=("staff", str(user.pk)))
    return HttpResponseRedirect(reverse("admin:person", args=[user.pk]))


@require_POST
@admin_view("staff.edit")
def person_active(request: HttpRequest, user_id: UUID) -> HttpResponse:
    """Let somebody sign in, or shut them out at once."""
    active = request.POST.get("active") == "1"
    if not active and user_id == user_of(request).pk:
        raise Refused(_("You cannot shut yourself out. Ask another administrator."), code="own-account")
    people_services.set_active(user_id=user_id, active=active)
    if not active:
        sessions.end_sessions(user_id)
    words = (
        gettext("They may sign in again.") if active else gettext("They are signed out and may not sign in.")
    )
    messages.success(request, words)
    return HttpResponseRedirect(reverse("admin:person", args=[user_id]))


@require_POST
@admin_view("staff.edit")
def person_sign_out(request: HttpRequest, user_id: UUID) -> HttpResponse:
    """End every sign-in of somebody: a lost telephone, a shared computer."""
    count = sessions.end_sessions(people.get_user(user_id).pk)
    audit.record("staff.signed_out", object=("staff", str(user_id)), data={"sessions": count})
    messages.success(request, gettext("Signed out on every device."))
    return HttpResponseRedirect(reverse("admin:person", args=[user_id]))
