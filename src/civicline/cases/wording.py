"""Cases in words: types, states, steps, buttons, clocks, and what happens next, in the language that is active.

The tables of `engine.workflow` hold codes only; a test holds that every code of theirs has its words here.
"""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

TYPES: dict[str, Promise] = {
    "complaint": _("Complaint"),
    "application": _("Application"),
    "information_request": _("Information request"),
    "incident": _("Report of a problem"),
}

CLOCKS: dict[str, Promise] = {
    "first_answer": _("First answer"),
    "resolution": _("Resolution"),
    "review": _("Review"),
}

STATES: dict[str, Promise] = {
    "acknowledged": _("Acknowledged"),
    "answered": _("Answered"),
    "checking": _("Being checked"),
    "clarifying": _("Waiting for the resident to clarify"),
    "closed": pgettext_lazy("case", "Closed"),
    "collecting": _("Being collected"),
    "decided_granted": _("Granted"),
    "decided_refused": _("Refused"),
    "draft": _("Draft"),
    "duplicate": _("Duplicate"),
    "escalated": _("At stage 2"),
    "escalated_waiting": _("At stage 2, waiting for the resident"),
    "in_progress": _("In progress"),
    "internal_review": _("Under internal review"),
    "investigating": _("Being looked into"),
    "received": _("Received"),
    "refused": _("Refused"),
    "reopened": _("Reopened"),
    "reported": _("Reported"),
    "resolved": _("Fixed"),
    "review_answered": _("Answered on review"),
    "review_refused": _("Refused on review"),
    "scheduled": _("Planned"),
    "submitted": _("Sent"),
    "triaged": _("Assessed"),
    "under_review": _("Being decided again"),
    "waiting": _("On hold"),
    "waiting_for_resident": _("Waiting for the resident"),
    "withdrawn": _("Withdrawn"),
}

STEPS: dict[str, Promise] = {
    "answered": _("Answered"),
    "checking": _("Being checked"),
    "closed": pgettext_lazy("case", "Closed"),
    "collecting": _("Being collected"),
    "decided": _("Decided"),
    "fixed": _("Fixed"),
    "in_progress": _("In progress"),
    "looking_into_it": _("Being looked into"),
    "planned": _("Planned"),
    "received": _("Received"),
    "reported": _("Reported"),
    "sent": _("Sent"),
}
"""The progress line that residents see."""

TRANSITIONS: dict[str, Promise] = {
    "acknowledge": _("Acknowledge"),
    "answer": _("Answer"),
    "answer_review": _("Answer on review"),
    "ask_resident": _("Ask the resident"),
    "ask_resident_again": _("Ask the resident again"),
    "check": _("Start checking"),
    "close": _("Close"),
    "close_unanswered": _("Close without a reply"),
    "close_without_work": _("Close without work"),
    "collect": _("Start collecting"),
    "discard": _("Discard"),
    "escalate": _("Escalate to stage 2"),
    "grant": _("Grant"),
    "grant_on_review": _("Grant on review"),
    "hold": _("Put on hold"),
    "investigate": _("Look into it"),
    "mark_duplicate": _("Mark as duplicate"),
    "not_fixed": _("Not fixed"),
    "refuse": _("Refuse"),
    "reopen": _("Reopen"),
    "request_review": _("Ask for a review"),
    "resident_replied": _("The resident replied"),
    "resident_replied_again": _("The resident replied"),
    "resolve": _("Mark as fixed"),
    "schedule": _("Plan"),
    "start_work": _("Start work"),
    "submit": _("Send"),
    "triage": _("Assess"),
    "uphold_refusal": _("Uphold the refusal"),
    "withdraw": _("Withdraw"),
}
"""What stands on the button."""

_NEXT: dict[str, Promise] = {
    "acknowledged": _("Somebody will look into it."),
    "answered": _("We have answered. If you do not agree, you can ask us to look again."),
    "checking": _("We are checking what you sent, and will tell you what we decide."),
    "clarifying": _("We need to know more from you before we can go on. Please reply."),
    "closed": _("Nothing more will happen. You can ask us to open this again."),
    "collecting": _("We are putting together what you asked for."),
    "decided_granted": _("We have granted your application."),
    "decided_refused": _("We have refused your application. You can ask us to decide again."),
    "draft": _("You have not sent this yet."),
    "duplicate": _("Somebody told us before. We go on with the first report."),
    "escalated": _("Somebody who was not involved before will look at it."),
    "escalated_waiting": _("We need to know more from you before we can go on. Please reply."),
    "in_progress": _("We are working on it."),
    "internal_review": _("Somebody who was not involved before will look at it."),
    "investigating": _("We are looking into it, and will tell you what we find."),
    "received": _("We will read it and tell you who looks after it."),
    "refused": _("We have refused your request. You can ask for a review."),
    "reopened": _("We will look at it again."),
    "reported": _("We will look at the report and plan what to do."),
    "resolved": _("It is fixed. If it is not, tell us and we will come back."),
    "review_answered": _("We have looked at it again, and this was our last word."),
    "review_refused": _("We have decided again, and this was our last word."),
    "scheduled": _("The work is planned."),
    "submitted": _("We will check what you sent."),
    "triaged": _("We will plan the work."),
    "under_review": _("Somebody who was not involved before will decide."),
    "waiting": _("The work is on hold. We will go on as soon as we can."),
    "waiting_for_resident": _("We need to know more from you before we can go on. Please reply."),
    "withdrawn": _("This was withdrawn. Nothing more will happen."),
}

_KINDS: dict[str, Promise] = {
    "breach": _("The time we promised has passed: %(clock)s"),
    "contact": _("Contact %(reference)s added"),
    "contact_closed": _("Contact %(reference)s closed"),
    "details": _("Details corrected"),
    "feedback": _("The resident gave feedback"),
    "link": _("Linked with %(reference)s"),
    "media": _("A picture or file was added"),
    "merge": _("Merged with %(reference)s"),
    "note": _("Note"),
    "opened": _("Opened"),
    "owner": _("Given to %(name)s"),
    "resident": _("The resident wrote"),
    "split": _("Split: %(reference)s"),
    "unlink": _("No longer linked with %(reference)s"),
    "update": _("Told the resident"),
}


def type_label(code: str) -> str:
    """A case type in words; an unknown code as it is."""
    return str(TYPES.get(code, code))


def state_label(code: str) -> str:
    """A state in words, for staff."""
    return str(STATES.get(code, code))


def step_label(code: str) -> str:
    """A step of the progress line in words, for residents; of a case that left the line, its state."""
    return state_label(code) if code not in STEPS else str(STEPS[code])


def transition_label(code: str) -> str:
    """What stands on the button of a step."""
    return str(TRANSITIONS.get(code, code))


def clock_label(code: str) -> str:
    """A promise in words."""
    return str(CLOCKS.get(code, code))


def what_next(state: str) -> str:
    """What happens next, told to the resident; "" for a state that is not known."""
    return str(_NEXT.get(state, ""))


def entry_label(kind: str, *, transition: str, to_state: str, data: dict[str, object]) -> str:
    """One line of a history in words."""
    if kind == "step":
        return f"{transition_label(transition)}: {state_label(to_state)}"
    if kind == "owner" and not data.get("name"):
        return str(_("Given back: nobody owns it now"))
    told = {
        "clock": clock_label(str(data.get("clock", ""))),
        "reference": data.get("reference", ""),
        "name": data.get("name", ""),
    }
    return str(_KINDS.get(kind, kind)) % told if kind in _KINDS else kind
