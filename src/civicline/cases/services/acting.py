"""Who acts on a case, and in which role of the workflow tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from civicline.engine.workflow import Role as WorkflowRole
from civicline.kernel import actors
from civicline.kernel.errors import Forbidden
from civicline.people import selectors as people
from civicline.people.roles import Role

if TYPE_CHECKING:
    from civicline.people.models import User


@dataclass(frozen=True, slots=True)
class Acting:
    """One who acts: `user` is set for staff only."""

    kind: str
    role: WorkflowRole
    user: User | None = None

    @property
    def user_id(self) -> UUID | None:
        """The account's id, for staff."""
        return self.user.pk if self.user is not None else None

    def actor(self) -> actors.Actor | None:
        """For the log: the named member of staff; None leaves it to whoever is bound."""
        return actors.Actor("staff", str(self.user.pk), self.user.name) if self.user is not None else None


def acting(by: UUID | None) -> Acting:
    """The member of staff with this id, or without one whoever is bound: a resident, a program, the system.

    Forbidden for an account that is neither agent nor supervisor: the workflow tables know no other staff.
    """
    if by is None:
        return _bound()
    user = people.get_user(by)
    roles = people.roles_of(user)
    if Role.SUPERVISOR in roles:
        return Acting("staff", "supervisor", user)
    if Role.AGENT in roles:
        return Acting("staff", "agent", user)
    raise Forbidden(_("Only agents and supervisors work on cases."), code="not-permitted")


def _bound() -> Acting:
    actor = actors.current()
    if actor.kind == "staff" and actor.id:
        return acting(UUID(actor.id))
    if actor.kind == "resident":
        return Acting("resident", "resident")
    return Acting(actor.kind, "system")


RESIDENT = Acting("resident", "resident")
SYSTEM = Acting("system", "system")
