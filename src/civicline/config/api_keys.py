"""Keys by which other programs use the public interface: made, shown once, revoked.

The page joins `web` and `api`, which do not know each other, so it stands above both.
"""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from civicline.api import selectors as api
from civicline.api.scopes import SCOPES
from civicline.api.services import tokens as api_tokens
from civicline.kernel import clock
from civicline.kernel.errors import Invalid
from civicline.web.admin import pages
from civicline.web.admin.access import admin_view, user_of
from civicline.web.admin.forms import PageForm, whole

MADE = "admin_token"


class TokenForm(PageForm):
    """A token: whose, what for, how much, how long."""

    name = forms.CharField(
        label=_("Name"),
        max_length=100,
        help_text=_("That of the other program."),
        error_messages={"required": _("Give the token a name, such as that of the other system.")},
    )
    scopes = forms.MultipleChoiceField(
        label=_("What it may do"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose what the token is for.")},
    )
    rate_per_minute = whole(_("Requests a minute"), least=1, most=1_000_000)
    expires_on = forms.DateField(
        label=_("Good until"),
        required=False,
        help_text=_("Empty: until it is revoked."),
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"invalid": _("Give a day like 2027-03-31.")},
    )

    def __init__(self, data: Any = None, **options: Any) -> None:
        super().__init__(data, **options)
        scopes: Any = self.fields["scopes"]
        scopes.choices = [(code, f"{gettext(words)} ({code})") for code, words in SCOPES.items()]


@require_http_methods(["GET", "POST"])
@admin_view("token.edit")
def tokens(request: HttpRequest) -> HttpResponse:
    """The tokens there are, and making one."""
    form = TokenForm(request.POST or None, initial={"rate_per_minute": 600})
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        until = datetime.combine(data["expires_on"], time.max, tzinfo=UTC) if data["expires_on"] else None
        try:
            made = api_tokens.create_token(
                name=data["name"],
                scopes=data["scopes"],
                rate_per_minute=data["rate_per_minute"],
                expires_at=until,
                by=user_of(request).pk,
            )
        except Invalid as invalid:
            form.refuse(invalid)
        else:
            request.session[MADE] = made.secret
            return HttpResponseRedirect(reverse("api_keys"))
    context = {
        "title": gettext("Keys for other programs"),
        "form": form,
        "errors": bool(form.is_bound and form.errors),
        "secret": request.session.pop(MADE, "") if request.method == "GET" else "",
        "tokens": list(api.list_tokens()),
        "now": clock.now(),
        "back": reverse("admin:connections"),
    }
    return pages.page(
        request, "admin/tokens.html", context, section="connections", status=422 if form.errors else 200
    )


@require_POST
@admin_view("token.edit")
def revoke(request: HttpRequest, token_id: UUID) -> HttpResponse:
    """Make a token useless at once."""
    api_tokens.revoke_token(token_id=token_id, reason=gettext("revoked by an administrator"))
    messages.success(request, gettext("This key opens nothing any more."))
    return HttpResponseRedirect(reverse("api_keys"))
