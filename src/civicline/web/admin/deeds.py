"""What stands in the audit, in words: what kind of thing it was done to, and what was done."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

WHOLE: dict[str, Promise] = {
    "resident.read": _("Read a resident's data"),
    "resident.search": _("Searched for residents"),
    "resident.exported": _("Took a copy of a resident's data"),
    "resident.erased": _("Erased a resident"),
    "case.read": _("Read a case"),
    "case.opened": _("Opened a case"),
    "contact.received": _("Wrote or called"),
    "contact.taken_over": _("Took a contact over"),
    "call.listened": _("Listened to a call"),
    "call.whispered": _("Spoke to the agent in a call"),
    "call.barged": _("Joined in a call"),
    "call.placed": _("Called somebody"),
    "call.planned": _("Planned a call"),
    "call.passed_outside": _("Passed a call on to a number outside"),
    "case.read_by_phone": _("Heard by telephone how a case stands"),
    "listening_rule.changed": _("Changed whether agents see who listens"),
    "recording.opened": _("Opened a recording"),
    "recording.played": _("Heard a recording"),
    "recording.downloaded": _("Took a recording along"),
    "recording.erased": _("Erased a recording"),
    "sign_in.done": _("Signed in"),
    "sign_in.ended": _("Signed out"),
    "sign_in.failed": _("Gave a wrong password"),
    "sign_in.locked_out": _("Was locked out"),
    "staff.created": _("Made an account"),
    "hold.placed": _("Put something on hold"),
    "hold.ended": _("Ended a hold"),
    "token.created": _("Made a key for another program"),
    "audit.read": _("Looked into this log"),
    "audit.exported": _("Took this log along"),
    "audit.checked": _("Checked that this log is whole"),
    "audit.disposed": _("Removed what was kept long enough from this log"),
    "wall.link_made": _("Made a link for a wall screen"),
    "presence.set": _("Changed what a colleague is doing"),
    "feedback.given": _("Gave feedback"),
}
"""What needs a sentence of its own; all else is told as its kind of thing and what was done to it."""

KINDS: dict[str, Promise] = {
    "agent": _("Member of staff"),
    "alarm": _("Alarm"),
    "attachment": _("File"),
    "attribute": _("Question of a service"),
    "audit": _("Audit log"),
    "calendar": _("Opening hours"),
    "call": pgettext_lazy("thing", "Call"),
    "call_flow": _("Telephone menu"),
    "call_prompt": _("Spoken text"),
    "callback": _("Planned call"),
    "calling": _("Calling rule"),
    "canned_text": _("Canned text"),
    "case": _("Case"),
    "case_policy": _("Promise"),
    "contact": _("Contact"),
    "contacts": _("List of contacts"),
    "contract": _("Working contract"),
    "day": _("Special day"),
    "day_mark": _("Special day"),
    "day_offer": _("Offer of extra hours or time off"),
    "duty_trade": _("Swap of turns on call"),
    "feed": _("Calendar feed"),
    "history": _("Counts of past days"),
    "hold": _("Legal hold"),
    "leave": _("Leave"),
    "listening_rule": _("Rule of listening"),
    "no_call": _("Number that is not called"),
    "on_call": _("On call"),
    "outside_number": _("Number outside"),
    "pattern": _("Shift pattern"),
    "phone": _("Desk telephone"),
    "plan_change": _("Change of the plan"),
    "queue": _("Queue"),
    "recording": _("Recording"),
    "report": _("Report"),
    "resident": _("Resident"),
    "route": _("Way from a service to its queue"),
    "schedule": _("Plan of a week"),
    "search": _("Search"),
    "service": _("Service"),
    "service_message": _("Message to residents"),
    "session": _("Account"),
    "shift": pgettext_lazy("thing", "Shift"),
    "site": _("Office"),
    "skill": _("Skill"),
    "staff": _("Member of staff"),
    "staffing": _("Staffing rule"),
    "token": _("Key for another program"),
    "trade": _("Swap of shifts"),
    "video_rule": _("Rule of video calls"),
    "wall": _("Wall screen"),
    "webhook": _("Webhook"),
    "wishes": _("Wishes for shifts"),
}
"""The kinds of things that are acted on, and the first parts of actions."""

DEEDS: dict[str, Promise] = {
    "account_changed": _("changed the account"),
    "active_changed": _("let in or shut out"),
    "added": _("added"),
    "approved": _("approved"),
    "asked": _("asked"),
    "assigned": _("assigned"),
    "called_out": _("called out"),
    "camera_chosen": _("chose whether the camera is on"),
    "cancelled": _("cancelled"),
    "capacity_changed": _("changed the capacity"),
    "changed": _("changed"),
    "closed": pgettext_lazy("deed", "closed"),
    "contact_linked": _("added a contact"),
    "created": _("created"),
    "declined": _("declined"),
    "disabled": _("switched it off"),
    "ended": _("ended"),
    "erasure_waits": _("to be erased once its legal hold ends"),
    "exported": _("taken along as a file"),
    "forgotten": _("erased, its time is over"),
    "given": _("given to somebody"),
    "imported": _("read from a file"),
    "invited": _("invited"),
    "linked": _("linked"),
    "listed": _("list read"),
    "made": _("made"),
    "marked": _("marked"),
    "members_changed": _("changed who serves it"),
    "merged": _("merged"),
    "moved": _("moved to another queue"),
    "note_added": _("added a note"),
    "number_barred": _("a number is not called any more"),
    "number_freed": _("a number may be called again"),
    "passed_to_partner": _("passed on to a partner body"),
    "placed": _("put it on hold"),
    "planned": _("planned"),
    "prioritised": _("changed the priority"),
    "published": _("published"),
    "read": _("read"),
    "recorded": _("stored a recording"),
    "recording_changed": _("changed what is recorded"),
    "recording_removed": _("removed a recording"),
    "refused": _("refused"),
    "removed": _("removed"),
    "resident_added": _("added the resident's words"),
    "revoked": _("made invalid"),
    "rings_changed": _("changed the rings"),
    "roles_changed": _("changed the roles"),
    "rule_saved": _("changed"),
    "saved": _("changed"),
    "secret_changed": _("made a new secret"),
    "shared": _("shared out"),
    "signed_out": _("signed out everywhere"),
    "skills_changed": _("changed the skills"),
    "snoozed": _("made silent for a while"),
    "split": _("split"),
    "step_taken": _("took a step"),
    "taken": _("taken on"),
    "traded": _("swapped"),
    "transcript": _("taken along as a file"),
    "undone": _("taken back"),
    "unmarked": _("no longer marked"),
    "update_added": _("told the resident"),
    "withdrawn": _("withdrawn"),
}
"""The last parts of actions: what was done."""

OWN: dict[str, Promise] = {"hold.ended": _("ended the hold")}
"""Deeds that are told in words of their own where the thing itself is not named."""


def in_words(action: str) -> str:
    """An action, such as `staff.capacity_changed`, in words; "" for one that nobody has put in words."""
    if action in WHOLE:
        return str(WHOLE[action])
    kind, _dot, deed = action.rpartition(".")
    if kind not in KINDS or deed not in DEEDS:
        return ""
    return gettext("%(thing)s: %(deed)s") % {"thing": KINDS[kind], "deed": DEEDS[deed]}


def deed(action: str) -> str:
    """What an action's last part says, in words; the action itself when nobody has put it in words."""
    own = OWN.get(action) or DEEDS.get(action.rpartition(".")[2])
    return str(own or action)


def kind(name: str) -> str:
    """A kind of thing, in words."""
    return str(KINDS.get(name, name.replace("_", " ")))
