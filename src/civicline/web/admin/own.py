"""What every member of staff sets for themselves, where they are signed in, and where they work first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from civicline.kernel import audit
from civicline.kernel.db import writes
from civicline.kernel.errors import Forbidden, Invalid
from civicline.people import services as people_services
from civicline.people.permissions import may, require
from civicline.web import sessions
from civicline.web.admin import pages
from civicline.web.admin.access import user_of
from civicline.web.admin.forms import PageForm
from civicline.web.staff import refusal_page

if TYPE_CHECKING:
    from civicline.people.models import User

FIRST = (
    ("desk.use", "agent", "desk:home"),
    ("board.read", "supervisor", "supervisor:home"),
    ("config.edit", "administrator", "admin:home"),
    ("audit.read", "auditor", "admin:audit"),
    ("canned.edit", "editor", "admin:texts"),
    ("plan.edit", "planner", "planner:forecast"),
)
"""The place where each role works, in the order in which one with several roles is led."""
ORDER = ("supervisor", "agent", "administrator", "auditor", "editor", "planner")


def first_place(user: User) -> str | None:
    """Where this person works first, or None for somebody without a role."""
    held = {grant.role for grant in user.grants.all()}
    places = {role: (action, name) for action, role, name in FIRST}
    for role in ORDER:
        action, name = places[role]
        address = pages.address_or_none(name)
        if role in held and may(user, action) and address:
            return address
    config = may(user, "config.read")
    return reverse("admin:home") if config else None


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """Lead a member of staff to their place."""
    if not request.user.is_authenticated:
        return HttpResponseRedirect(f"{reverse('account_login')}?next={reverse('staff_home')}")
    place = first_place(user_of(request))
    return HttpResponseRedirect(place or reverse("preferences"))


class PreferencesForm(PageForm):
    """Language, look, sounds, keys, and time to answer."""

    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    theme = forms.ChoiceField(
        label=_("Light or dark"),
        choices=[("auto", _("As the computer")), ("light", _("Light")), ("dark", _("Dark"))],
        widget=forms.RadioSelect,
    )
    sound = forms.BooleanField(
        label=_("Sounds"), required=False, help_text=_("Whatever sounds is also to be seen.")
    )
    single_keys = forms.BooleanField(
        label=_("Single keys"),
        required=False,
        help_text=_("Keys without Alt or Ctrl. Turn them off if you speak to your computer."),
    )
    offer_seconds = forms.ChoiceField(
        label=_("Time to answer an offer"),
        choices=[("", _("As the queue says")), ("20", _("20 seconds")), ("40", _("40 seconds"))],
        widget=forms.RadioSelect,
        required=False,
        help_text=_("No report shows what you choose."),
    )


def _signed_in(request: HttpRequest) -> HttpResponse | None:
    if request.user.is_authenticated:
        return None
    if request.method in {"GET", "HEAD"}:
        return HttpResponseRedirect(f"{reverse('account_login')}?next={request.path}")
    return refusal_page(
        request, Forbidden(_("Sign in first. Your sign-in may have run out."), code="sign-in")
    )


@require_http_methods(["GET", "POST"])
def preferences(request: HttpRequest) -> HttpResponse:
    """One's own settings."""
    away = _signed_in(request)
    if away is not None:
        return away
    user = user_of(request)
    agent = getattr(user, "agent", None)
    form = PreferencesForm(request.POST or None, initial=_initial(user, agent))
    if agent is None:
        del form.fields["offer_seconds"]
    if request.method == "POST" and form.is_valid():
        try:
            _store(user, form.cleaned_data, takes_contacts=agent is not None)
        except Invalid as invalid:
            form.refuse(invalid)
        else:
            translation.activate(form.cleaned_data["language"])
            messages.success(request, gettext("Your settings are saved."))
            return HttpResponseRedirect(reverse("preferences"))
    context = {
        "title": gettext("Your settings"),
        "form": form,
        "errors": bool(form.is_bound and form.errors),
        "without_role": not user.grants.exists(),
    }
    return pages.page(
        request, "admin/preferences.html", context, section="preferences", status=422 if form.errors else 200
    )


def _initial(user: User, agent: Any) -> dict[str, Any]:
    seconds = agent.offer_seconds if agent is not None else None
    return {
        "language": user.language,
        "theme": user.theme,
        "sound": user.preferences.get("sound", True),
        "single_keys": user.preferences.get("single_keys", True),
        "offer_seconds": str(seconds) if seconds in (20, 40) else "",
    }


@writes
def _store(user: User, data: dict[str, Any], *, takes_contacts: bool) -> None:
    people_services.set_preferences(
        user_id=user.pk,
        language=data["language"],
        theme=data["theme"],
        preferences={"sound": data["sound"], "single_keys": data["single_keys"]},
    )
    if takes_contacts:
        wanted = int(data["offer_seconds"]) if data["offer_seconds"] else None
        people_services.set_capacity(agent_id=user.pk, offer_seconds=wanted)


@require_GET
def own_sessions(request: HttpRequest) -> HttpResponse:
    """Where one is signed in."""
    away = _signed_in(request)
    if away is not None:
        return away
    context = {
        "title": gettext("Where you are signed in"),
        "signed_in": sessions.sessions_of(user_of(request).pk),
        "here": request.session.session_key,
    }
    return pages.page(request, "admin/sessions.html", context, section="preferences")


@require_POST
def end_session(request: HttpRequest, handle: str) -> HttpResponse:
    """Sign out of one other place."""
    away = _signed_in(request)
    if away is not None:
        return away
    user = user_of(request)
    require(user, "profile.edit", user)
    if sessions.end_session(user.pk, handle):
        audit.record("staff.signed_out", object=("staff", str(user.pk)), data={"sessions": 1})
    messages.success(request, gettext("You are signed out there."))
    return HttpResponseRedirect(reverse("own_sessions"))


@require_POST
def end_sessions(request: HttpRequest) -> HttpResponse:
    """Sign out everywhere else."""
    away = _signed_in(request)
    if away is not None:
        return away
    user = user_of(request)
    require(user, "profile.edit", user)
    count = sessions.end_sessions(user.pk, but=request.session.session_key or "")
    audit.record("staff.signed_out", object=("staff", str(user.pk)), data={"sessions": count})
    messages.success(request, gettext("You are signed out everywhere else."))
    return HttpResponseRedirect(reverse("own_sessions"))
