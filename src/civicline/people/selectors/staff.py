"""Reads of accounts: who may sign in, and with which roles."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from civicline.kernel.errors import NotFound
from civicline.people.models import User
from civicline.people.permissions import Role, roles_of

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser


def get_user(user_id: UUID) -> User:
    """A member of staff by id; NotFound when there is none."""
    user = User.objects.filter(pk=user_id).first()
    if user is None:
        raise NotFound(_("There is no such account."), code="staff-unknown")
    return user


def list_staff() -> QuerySet[User]:
    """All accounts by name, with their grants and agent rows."""
    return User.objects.select_related("agent").prefetch_related("grants").order_by("name", "pk")


def users_with_role(role: Role) -> QuerySet[User]:
    """Active members of staff who hold a role, by name."""
    return User.objects.filter(is_active=True, grants__role=role.value).order_by("name", "pk")


def is_staff(user: User | AnonymousUser | None) -> bool:
    """Whether this is a signed-in member of staff with at least one role."""
    return bool(roles_of(user))
