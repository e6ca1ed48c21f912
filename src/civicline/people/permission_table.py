"""The ONE table of who may do what. What is not in it is denied, whoever asks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from civicline.people.permission_rules import OWN, OWN_QUEUES, OWN_TALKS, SELF, YES, Rule
from civicline.people.roles import Role

A, S, P, E, M, U = Role.AGENT, Role.SUPERVISOR, Role.PLANNER, Role.EDITOR, Role.ADMINISTRATOR, Role.AUDITOR


@dataclass(frozen=True, slots=True)
class Action:
    """One thing that staff do, in words, and the rule of each role that may do it."""

    words: Promise
    roles: Mapping[Role, Rule] = field(default_factory=dict)


def _all(*roles: Role) -> dict[Role, Rule]:
    return dict.fromkeys(roles, YES)


ACTIONS: Mapping[str, Action] = {
    # Contacts and offers
    "desk.use": Action(_("Work at the desk"), _all(A, S)),
    "offer.answer": Action(_("Accept or decline an offer"), {A: SELF, S: SELF}),
    "contact.read": Action(_("Read a contact and its messages"), {A: OWN_QUEUES, S: YES}),
    "contact.history": Action(_("See when a resident wrote before, about what"), _all(A, S)),
    "contact.search": Action(_("Search contacts"), _all(A, S)),
    "contact.reply": Action(_("Reply to the resident"), {A: OWN, S: OWN}),
    "contact.note": Action(_("Write an internal note"), {A: OWN_QUEUES, S: YES}),
    "contact.transfer": Action(_("Transfer a contact or consult a colleague"), {A: OWN, S: YES}),
    "call.place": Action(_("Call a resident, or plan a call"), _all(A, S)),
    "call.bar": Action(_("Keep the list of numbers that nobody calls"), _all(S, M)),
    "call.listen": Action(_("Listen to a call"), _all(S)),
    "call.whisper": Action(_("Speak to the agent in a call"), _all(S)),
    "call.barge": Action(_("Speak to everybody in a call"), _all(S)),
    "call.handle": Action(_("Hold, mute and end a call"), {A: OWN, S: OWN}),
    "contact.close": Action(_("Wrap up and close a contact"), {A: OWN, S: YES}),
    "contact.move": Action(_("Move a contact to another queue"), _all(S)),
    "contact.assign": Action(_("Assign a contact to an agent"), _all(S)),
    "contact.prioritise": Action(_("Change the priority of a contact"), _all(S)),
    "contact.take_over": Action(_("Take over a contact"), _all(S)),
    "attachment.read": Action(_("Open an attachment of a contact"), {A: OWN_QUEUES, S: YES}),
    # Cases
    "case.read": Action(_("Read a case and its history"), _all(A, S)),
    "case.search": Action(_("Search and list cases"), _all(A, S)),
    "case.open": Action(_("Open a case"), _all(A, S)),
    "case.step": Action(_("Take a step in a case"), _all(A, S)),
    "case.note": Action(_("Write a note or a public update on a case"), _all(A, S)),
    "case.assign": Action(_("Give a case to another owner"), {A: OWN, S: YES}),
    "case.claim": Action(_("Become the owner of a case"), _all(A, S)),
    "case.link": Action(_("Link, merge and split cases"), _all(A, S)),
    "case.follow": Action(_("Follow a case"), _all(A, S)),
    "case.reopen": Action(_("Reopen a case"), _all(A, S)),
    # Residents
    "resident.read": Action(_("See who a resident is"), _all(A, S)),
    "resident.search": Action(_("Search residents"), _all(A, S)),
    "resident.edit": Action(_("Change what we know about a resident"), _all(A, S)),
    "resident.export": Action(_("Export all that we hold about a resident"), _all(S, M)),
    "resident.erase": Action(_("Erase a resident"), _all(M)),
    # Legal holds and retention
    "hold.read": Action(_("See what is on legal hold"), _all(S, M, U)),
    "hold.place": Action(_("Put a case, a contact or a resident on legal hold"), _all(S, M)),
    "hold.end": Action(_("End a legal hold"), _all(M)),
    "retention.read": Action(_("See what retention will remove, and when"), _all(M, U)),
    # Presence and the live board
    "presence.set": Action(_("Set a presence"), {A: SELF, S: YES}),
    "presence.read": Action(_("See who is present"), _all(A, S, P)),
    "board.read": Action(_("See the live board"), _all(S, P)),
    "alarm.take": Action(_("Take an alarm"), _all(S)),
    # Reports and planning
    "report.read": Action(_("Read reports"), _all(S, P, U)),
    "report.export": Action(_("Export reports"), _all(S, P, U)),
    "plan.read": Action(_("See the plan of work"), {A: SELF, S: YES, P: YES}),
    "plan.edit": Action(_("Change the plan of work"), _all(P)),
    "plan.own": Action(_("See one's own shifts, and ask for other ones"), _all(A, S)),
    "plan.approve": Action(_("Approve that a simulated change becomes real"), _all(M)),
    # Words
    "canned.use": Action(_("Use canned texts"), _all(A, S, E)),
    "canned.edit": Action(_("Write canned texts"), _all(E)),
    "service_message.edit": Action(_("Write messages about services"), _all(S, E)),
    "call_prompt.edit": Action(_("Write and record what callers hear"), _all(E, M)),
    # Recordings
    "recording.list": Action(_("Find recordings"), _all(A, S, U)),
    "recording.play": Action(_("Hear a recording"), {A: OWN_TALKS, S: YES, U: YES}),
    "recording.download": Action(_("Download a recording"), _all(U)),
    # Configuration
    "config.read": Action(_("See the configuration"), _all(S, P, M)),
    "config.edit": Action(_("Change services, queues, rings, hours, skills and forms"), _all(M)),
    "staff.read": Action(_("See the list of staff"), _all(S, P, M)),
    "staff.edit": Action(_("Change staff, their skills and capacity"), _all(M)),
    "skill.set": Action(_("Set the skills of an agent"), _all(S, M)),
    "role.grant": Action(_("Grant and revoke roles"), _all(M)),
    "token.edit": Action(_("Make and revoke keys for the programming interface"), _all(M)),
    "webhook.edit": Action(_("Set up webhooks and read their log"), _all(M)),
    # Audit
    "audit.read": Action(_("Read the audit log"), _all(U)),
    # Oneself
    "profile.edit": Action(_("Change one's own language, look and shortcuts"), dict.fromkeys(Role, SELF)),
}
