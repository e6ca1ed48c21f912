"""What each queue records, and for how long it is kept."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from civicline.channels.voice import services
from civicline.channels.voice.recordings import selectors
from civicline.kernel import clock
from civicline.kernel.errors import NotFound
from civicline.people.permissions import may
from civicline.routing import selectors as routing
from civicline.web.recordings.access import page, recordings_view, user_of
from civicline.web.recordings.listing import name_of

MODES = {
    "never": _("Never"),
    "consent": _("On consent: callers are asked for a key"),
    "always": _("Always: callers are told"),
}


class RuleForm(forms.Form):
    """The rule of one queue."""

    mode = forms.ChoiceField(
        label=_("Record"), required=False, choices=[("", _("As the installation does")), *MODES.items()]
    )
    days = forms.IntegerField(
        label=_("Days kept"), required=False, min_value=1, max_value=36_500,
        error_messages={"invalid": _("Give a number of days, from 1 upwards.")},
    )  # fmt: skip


@require_GET
@recordings_view("config.read")
def rules(request: HttpRequest) -> HttpResponse:
    """Every queue with its rule, and what retention will erase next."""
    return _page(request, {})


def _page(request: HttpRequest, wrong: dict[str, RuleForm]) -> HttpResponse:
    conf, own = settings.CIVICLINE, selectors.list_rules()
    rows = []
    for queue in routing.list_queues():
        rule = own.get(queue.pk)
        initial = {"mode": rule.mode if rule else "", "days": rule.days if rule else None}
        form = wrong.get(queue.code) or RuleForm(initial=initial, auto_id=f"%s-{queue.code}")
        rows.append({"code": queue.code, "name": name_of(queue.name), "form": form, "own": rule is not None})
    going, held = selectors.count_due(clock.now())
    context: dict[str, Any] = {
        "title": gettext("Rules for recording"),
        "usual": MODES[conf.voice_recording],
        "usual_days": conf.voice_recording_days,
        "rows": rows,
        "may_edit": may(user_of(request), "config.edit"),
        "modes": MODES,
        "tonight": ngettext(
            "Tonight %(count)d recording is erased because its time is over.",
            "Tonight %(count)d recordings are erased because their time is over.",
            going,
        )
        % {"count": going},
        "held": ngettext(
            "%(count)d more stays because of a legal hold.",
            "%(count)d more stay because of legal holds.",
            held,
        )
        % {"count": held}
        if held
        else "",
    }
    return page(
        request, "recordings/rules.html", context, section="recording_rules", status=422 if wrong else 200
    )


@require_POST
@recordings_view("config.edit")
def save_rule(request: HttpRequest, code: str) -> HttpResponse:
    """Change the rule of one queue."""
    if routing.get_queue(code) is None:
        raise NotFound(_("There is no such queue."), code="queue-unknown")
    form = RuleForm(request.POST, auto_id=f"%s-{code}")
    if not form.is_valid():
        return _page(request, {code: form})
    services.save_rule(
        queue_code=code, mode=form.cleaned_data["mode"],
        days=form.cleaned_data["days"] if form.cleaned_data["mode"] else None,
    )  # fmt: skip
    messages.success(request, gettext("Saved. Calls from now on follow this rule."))
    return HttpResponseRedirect(reverse("recordings:rules"))
