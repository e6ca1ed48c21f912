"""Retention: what goes tonight and when, what a legal hold keeps, what went on the last days, and whether the
audit log is whole."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from civicline.cases import personal_data as cases_data
from civicline.channels.voice.recordings import selectors as recordings
from civicline.channels.voice.services.recordings import FORGET_RECORDINGS
from civicline.intake import personal_data as contacts_data
from civicline.intake import selectors as intake
from civicline.intake import services as intake_services
from civicline.kernel import audit_trail, clock, jobs
from civicline.kernel import selectors as kernel
from civicline.people import retention as people_retention
from civicline.people import selectors as people
from civicline.web.admin import pages
from civicline.web.admin.access import admin_view

AHEAD = timedelta(days=30)
SHOWN_DAYS = 14
FORGOTTEN = {
    "contact.forgotten": _("contacts emptied"),
    "case.forgotten": _("cases emptied"),
    "resident.erased": _("residents erased"),
    "recording.erased": _("recordings erased"),
    "audit.disposed": _("runs of the audit log removed"),
}
Count = Callable[[datetime], tuple[int, int]]
"""(what goes, what stays because it is on hold) when a job runs at this moment."""


@dataclass(frozen=True, slots=True)
class Kept:
    """One kind of thing that is kept for a time: `setting` in the configuration, `job` that removes it.

    No `setting` where pages promise the time to residents.
    """

    what: str | Promise
    how: str | Promise
    setting: str
    days: int
    job: str
    count: Count


def _kinds() -> list[Kept]:
    conf = settings.CIVICLINE

    def contacts(at: datetime) -> tuple[int, int]:
        return contacts_data.count_due(before=at - timedelta(days=conf.retention_contacts_days))

    def matters(at: datetime) -> tuple[int, int]:
        return cases_data.count_due(before=at - timedelta(days=conf.retention_cases_days))

    def entries(at: datetime) -> tuple[int, int]:
        before = people_retention.audit_kept_since(at)
        return audit_trail.count_due(before=before, keep=people_retention.about_what_is_held())

    def drafts(at: datetime) -> tuple[int, int]:
        return intake.count_old_drafts(at), 0

    return [
        Kept(
            _("Contacts that have ended"),
            _("Words, files and addresses go. When, about what and how long stays for the reports."),
            "retention.contacts_days",
            conf.retention_contacts_days,
            "intake.forget_closed",
            contacts,
        ),
        Kept(
            _("Cases that were closed"),
            _("Title, words and answers go. Type, times and promises stay for the reports."),
            "retention.cases_days",
            conf.retention_cases_days,
            "cases.forget_closed",
            matters,
        ),
        Kept(
            _("Recordings of calls and voice messages"),
            _("The sound goes. When and how long stays for the reports. Queues may have days of their own."),
            "voice.recording_days",
            conf.voice_recording_days,
            FORGET_RECORDINGS,
            recordings.count_due,
        ),
        Kept(
            _("Forms that were not sent"),
            _("They go as a whole."),
            "",
            intake_services.DRAFT_DAYS,
            "intake.drop_old_drafts",
            drafts,
        ),
        Kept(
            _("Entries of the audit log"),
            _("They go in whole runs. The seal of each run stays, so that the rest can still be checked."),
            "retention.audit_days",
            conf.retention_audit_days,
            people_retention.FORGET_AUDIT,
            entries,
        ),
    ]


@require_GET
@admin_view("retention.read")
def home(request: HttpRequest) -> HttpResponse:
    """What goes at the next run, and within 30 days."""
    now = clock.now()
    rows = []
    for kept in _kinds():
        next_run = kernel.next_run(kept.job)
        at = max(next_run or now, now)
        going, held = kept.count(at)
        rows.append(
            {
                "kept": kept,
                "next_run": next_run,
                "until": at - timedelta(days=kept.days),
                "going": going,
                "held": held,
                "soon": kept.count(at + AHEAD)[0],
            }
        )
    context = {
        "title": gettext("Retention"),
        "meta": gettext("What goes by itself, and when. The times stand in the configuration."),
        "rows": rows,
        "waiting": people.waiting_erasures(),
        "days": _days(now),
        "trail": trail(now),
    }
    return pages.page(request, "admin/retention.html", context, section="retention")


def _days(now: datetime) -> list[dict[str, Any]]:
    found: dict[Any, list[tuple[str | Promise, int]]] = {}
    for day, action, count in kernel.audit_on_days(list(FORGOTTEN), now - timedelta(days=SHOWN_DAYS)):
        found.setdefault(day, []).append((FORGOTTEN[action], count))
    return [{"day": day, "counts": counts} for day, counts in found.items()]


def trail(now: datetime) -> dict[str, Any]:
    """Whether the audit log is whole: the last seal, and what the last check found."""
    checked, seal = kernel.last_audit("audit.checked"), kernel.last_seal()
    return {
        "checked_at": checked.at if checked is not None else None,
        "found": checked.data if checked is not None else {},
        "sealed_until": seal.to_at if seal is not None else None,
        "digest": seal.digest if seal is not None else "",
    }


@require_POST
@admin_view("retention.read")
def check_trail(request: HttpRequest) -> HttpResponse:
    """Check the whole log soon, outside of this request: a long one takes minutes."""
    jobs.enqueue(audit_trail.CHECK_JOB, key="audit-check-asked")
    messages.success(request, gettext("The log is being checked. Look again in a moment."))
    return HttpResponseRedirect(reverse("admin:retention") + "#trail")
