"""The four tables: complaint, application, information request, incident."""

from civicline.engine.workflow.table import (
    FIRST_ANSWER,
    RESOLUTION,
    REVIEW,
    CaseType,
    Role,
    State,
    Transition,
    Workflow,
)

STAFF: frozenset[Role] = frozenset({"agent", "supervisor"})
CLERKS: frozenset[Role] = STAFF | {"system"}
ANYBODY: frozenset[Role] = CLERKS | {"resident"}
PEOPLE: frozenset[Role] = STAFF | {"resident"}
SUPERVISORS: frozenset[Role] = frozenset({"supervisor"})

REVIEW_DAYS = 56
"""Calendar days after an answer in which a resident may ask for a second look: the 40 working days of the
section 45 Code of Practice for the Freedom of Information Act 2000, used for all types."""

REOPEN_DAYS = 90

_ENDED = (
    State("closed", "closed", "stopped", "closed"),
    State("withdrawn", "closed", "stopped", "closed"),
    State("duplicate", "closed", "stopped", "closed"),
)


def _shared(*, working: tuple[str, ...], closable: tuple[str, ...]) -> tuple[Transition, ...]:
    """The rows that every type has: close, withdraw, duplicate, reopen."""
    ended = ("closed", "withdrawn", "duplicate")
    return (
        Transition("close", "closed", closable, "closed", CLERKS),
        Transition("withdraw", "withdrawn", working, "withdrawn", PEOPLE, ("reason",), calls_off=True),
        Transition(
            "mark_duplicate",
            "marked as duplicate",
            working,
            "duplicate",
            STAFF,
            ("duplicate_of",),
            calls_off=True,
        ),
        Transition(
            "reopen",
            "reopened",
            ended,
            "reopened",
            PEOPLE,
            ("reason",),
            restarts=(RESOLUTION,),
            within_days=REOPEN_DAYS,
        ),
    )


COMPLAINT = Workflow(
    type="complaint",
    steps=("received", "looking_into_it", "answered", "closed"),
    entries=("received",),
    states=(
        State("received", "received"),
        State("acknowledged", "received"),
        State("investigating", "looking_into_it"),
        State("waiting_for_resident", "looking_into_it", "paused", for_resident=True),
        State("answered", "answered", "stopped"),
        State("escalated", "looking_into_it"),
        State("escalated_waiting", "looking_into_it", "paused", for_resident=True),
        State("review_answered", "answered", "stopped"),
        State("reopened", "looking_into_it"),
        *_ENDED,
    ),
    transitions=(
        Transition(
            "acknowledge", "acknowledged", ("received",), "acknowledged", CLERKS, stops=(FIRST_ANSWER,)
        ),
        Transition(
            "investigate",
            "taken up",
            ("received", "acknowledged", "reopened"),
            "investigating",
            STAFF,
            stops=(FIRST_ANSWER,),
        ),
        Transition(
            "ask_resident", "asked the resident", ("investigating",), "waiting_for_resident", STAFF, ("note",)
        ),
        Transition(
            "resident_replied", "heard from the resident", ("waiting_for_resident",), "investigating", ANYBODY
        ),
        Transition(
            "close_unanswered",
            "closed without reply",
            ("waiting_for_resident",),
            "closed",
            CLERKS,
            ("reason",),
            calls_off=True,
        ),
        Transition(
            "answer", "answered", ("investigating",), "answered", STAFF, ("note",), stops=(RESOLUTION,)
        ),
        Transition(
            "escalate",
            "escalated to stage 2",
            ("answered",),
            "escalated",
            PEOPLE,
            ("reason",),
            starts=(REVIEW,),
            within_days=REVIEW_DAYS,
        ),
        Transition(
            "ask_resident_again", "asked the resident", ("escalated",), "escalated_waiting", STAFF, ("note",)
        ),
        Transition(
            "resident_replied_again", "heard from the resident", ("escalated_waiting",), "escalated", ANYBODY
        ),
        Transition(
            "answer_review",
            "answered at stage 2",
            ("escalated",),
            "review_answered",
            SUPERVISORS,
            ("note",),
            stops=(REVIEW,),
            other_person=True,
        ),
        *_shared(
            working=(
                "received",
                "acknowledged",
                "investigating",
                "waiting_for_resident",
                "escalated",
                "escalated_waiting",
                "reopened",
            ),
            closable=("answered", "review_answered"),
        ),
    ),
)

APPLICATION = Workflow(
    type="application",
    steps=("sent", "checking", "decided", "closed"),
    entries=("submitted", "draft"),
    states=(
        State("draft", "sent", "stopped", for_resident=True),
        State("submitted", "sent"),
        State("checking", "checking"),
        State("waiting_for_resident", "checking", "paused", for_resident=True),
        State("decided_granted", "decided", "stopped"),
        State("decided_refused", "decided", "stopped"),
        State("under_review", "checking"),
        State("review_refused", "decided", "stopped"),
        State("reopened", "checking"),
        *_ENDED,
    ),
    transitions=(
        Transition("submit", "sent", ("draft",), "submitted", PEOPLE, starts=(FIRST_ANSWER, RESOLUTION)),
        Transition("discard", "discarded", ("draft",), "withdrawn", frozenset({"resident", "system"})),
        Transition("check", "taken up", ("submitted", "reopened"), "checking", STAFF, stops=(FIRST_ANSWER,)),
        Transition(
            "ask_resident", "asked the resident", ("checking",), "waiting_for_resident", STAFF, ("note",)
        ),
        Transition(
            "resident_replied", "heard from the resident", ("waiting_for_resident",), "checking", ANYBODY
        ),
        Transition(
            "close_unanswered",
            "closed without reply",
            ("waiting_for_resident",),
            "closed",
            CLERKS,
            ("reason",),
            calls_off=True,
        ),
        Transition(
            "grant", "granted", ("checking",), "decided_granted", STAFF, ("note",), stops=(RESOLUTION,)
        ),
        Transition(
            "refuse",
            "refused",
            ("checking",),
            "decided_refused",
            STAFF,
            ("note", "reason"),
            stops=(RESOLUTION,),
        ),
        Transition(
            "request_review",
            "asked to be decided again",
            ("decided_refused",),
            "under_review",
            PEOPLE,
            ("reason",),
            starts=(REVIEW,),
            within_days=REVIEW_DAYS,
        ),
        Transition(
            "grant_on_review",
            "granted on review",
            ("under_review",),
            "decided_granted",
            SUPERVISORS,
            ("note",),
            stops=(REVIEW,),
            other_person=True,
        ),
        Transition(
            "uphold_refusal",
            "refused on review",
            ("under_review",),
            "review_refused",
            SUPERVISORS,
            ("note", "reason"),
            stops=(REVIEW,),
            other_person=True,
        ),
        *_shared(
            working=("submitted", "checking", "waiting_for_resident", "under_review", "reopened"),
            closable=("decided_granted", "decided_refused", "review_refused"),
        ),
    ),
)

INFORMATION_REQUEST = Workflow(
    type="information_request",
    steps=("received", "collecting", "answered", "closed"),
    entries=("received",),
    states=(
        State("received", "received"),
        State("clarifying", "received", "paused", for_resident=True),
        State("collecting", "collecting"),
        State("answered", "answered", "stopped"),
        State("refused", "answered", "stopped"),
        State("internal_review", "collecting"),
        State("review_answered", "answered", "stopped"),
        State("reopened", "collecting"),
        *_ENDED,
    ),
    transitions=(
        Transition(
            "ask_resident",
            "asked the resident",
            ("received", "collecting"),
            "clarifying",
            STAFF,
            ("note",),
            stops=(FIRST_ANSWER,),
        ),
        Transition("resident_replied", "heard from the resident", ("clarifying",), "collecting", ANYBODY),
        Transition(
            "close_unanswered",
            "closed without reply",
            ("clarifying",),
            "closed",
            CLERKS,
            ("reason",),
            calls_off=True,
        ),
        Transition(
            "collect", "taken up", ("received", "reopened"), "collecting", STAFF, stops=(FIRST_ANSWER,)
        ),
        Transition("answer", "answered", ("collecting",), "answered", STAFF, ("note",), stops=(RESOLUTION,)),
        Transition(
            "refuse", "refused", ("collecting",), "refused", STAFF, ("note", "reason"), stops=(RESOLUTION,)
        ),
        Transition(
            "request_review",
            "asked to be reviewed",
            ("answered", "refused"),
            "internal_review",
            PEOPLE,
            ("reason",),
            starts=(REVIEW,),
            within_days=REVIEW_DAYS,
        ),
        Transition(
            "answer_review",
            "answered on review",
            ("internal_review",),
            "review_answered",
            SUPERVISORS,
            ("note",),
            stops=(REVIEW,),
            other_person=True,
        ),
        *_shared(
            working=("received", "clarifying", "collecting", "internal_review", "reopened"),
            closable=("answered", "refused", "review_answered"),
        ),
    ),
)

INCIDENT = Workflow(
    type="incident",
    steps=("reported", "planned", "in_progress", "fixed"),
    entries=("reported",),
    states=(
        State("reported", "reported"),
        State("triaged", "reported"),
        State("scheduled", "planned"),
        State("in_progress", "in_progress"),
        State("waiting", "in_progress", "paused"),
        State("waiting_for_resident", "reported", "paused", for_resident=True),
        State("resolved", "fixed", "stopped", "closed"),
        State("reopened", "reported"),
        *(State(state.code, "fixed", state.clocks, state.open311) for state in _ENDED),
    ),
    transitions=(
        Transition("triage", "assessed", ("reported", "reopened"), "triaged", CLERKS, stops=(FIRST_ANSWER,)),
        Transition(
            "ask_resident",
            "asked the resident",
            ("reported", "triaged"),
            "waiting_for_resident",
            STAFF,
            ("note",),
            stops=(FIRST_ANSWER,),
        ),
        Transition(
            "resident_replied", "heard from the resident", ("waiting_for_resident",), "triaged", ANYBODY
        ),
        Transition("schedule", "planned", ("triaged",), "scheduled", CLERKS),
        Transition("start_work", "begun", ("triaged", "scheduled", "waiting"), "in_progress", CLERKS),
        Transition("hold", "put on hold", ("scheduled", "in_progress"), "waiting", CLERKS, ("reason",)),
        Transition(
            "resolve",
            "fixed",
            ("triaged", "scheduled", "in_progress"),
            "resolved",
            CLERKS,
            ("note",),
            stops=(RESOLUTION,),
        ),
        Transition(
            "close_without_work",
            "closed without work",
            ("reported", "triaged", "waiting_for_resident"),
            "closed",
            STAFF,
            ("reason",),
            stops=(FIRST_ANSWER, RESOLUTION),
        ),
        Transition(
            "not_fixed",
            "reported as not fixed",
            ("resolved",),
            "reopened",
            PEOPLE,
            ("reason",),
            restarts=(RESOLUTION,),
        ),
        *_shared(
            working=(
                "reported",
                "triaged",
                "scheduled",
                "in_progress",
                "waiting",
                "waiting_for_resident",
                "reopened",
            ),
            closable=("resolved",),
        ),
    ),
)

WORKFLOWS: dict[CaseType, Workflow] = {
    table.type: table for table in (COMPLAINT, APPLICATION, INFORMATION_REQUEST, INCIDENT)
}
