"""The people around a case: its owner, and the staff who follow it."""

from __future__ import annotations

from uuid import UUID

from django.utils.translation import gettext_lazy as _

from civicline.cases.events import CASE_ASSIGNED, CASE_FOLLOWED
from civicline.cases.models import Case, CaseFollower
from civicline.cases.services.acting import acting
from civicline.cases.services.history import append, audited, clean, load, store, tell
from civicline.kernel.db import writes
from civicline.kernel.errors import Invalid
from civicline.people import selectors as people


@writes
def assign_owner(
    *,
    case_id: UUID,
    agent_id: UUID | None,
    by: UUID | None = None,
    reason: str = "",
    version: int | None = None,
) -> Case:
    """Give the case to an agent, or to nobody (None); the new owner follows it. The same owner changes nothing."""
    case, who = load(case_id, version=version), acting(by)
    if case.owner_id == agent_id:
        return case
    before, name = str(case.owner_id or ""), ""
    if agent_id is not None:
        agent = people.get_agent(agent_id)
        if not agent.active or not agent.user.is_active:
            raise Invalid(fields={"agent": _("%(name)s does not take work any more.")}, name=agent.user.name)
        name = agent.user.name
    store(case, owner_id=agent_id)
    reason = clean(reason, "reason", most=500, needed=False)
    told = {"from": before, "to": str(agent_id or "")}
    append(case, "owner", who, text=reason, data={**told, "name": name})
    if agent_id is not None:
        CaseFollower.objects.get_or_create(case=case, user_id=agent_id)
    tell(case, CASE_ASSIGNED, who, told)
    audited("case.assigned", case, reason=reason, data=told)
    return load(case_id)


@writes
def follow(*, case_id: UUID, user_id: UUID) -> None:
    """Let a member of staff hear of each change; following twice is following once."""
    case, user = load(case_id), people.get_user(user_id)
    _follower, made = CaseFollower.objects.get_or_create(case=case, user=user)
    if made:
        tell(case, CASE_FOLLOWED, acting(user_id), {"user": str(user_id), "following": True})


@writes
def unfollow(*, case_id: UUID, user_id: UUID) -> None:
    """Hear of it no longer; who did not follow stays as they are."""
    case = load(case_id)
    gone, _rows = CaseFollower.objects.filter(case=case, user_id=user_id).delete()
    if gone:
        tell(case, CASE_FOLLOWED, acting(user_id), {"user": str(user_id), "following": False})
