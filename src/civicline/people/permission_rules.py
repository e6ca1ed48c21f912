"""On which objects a role may act: the few rules that the cells of the permission table name.

Rules look at plain attributes (`agent_id`, `queue_id`, `owner_id`, `pk`), so that the rooms above need not be
imported here: a contact, a case or a member of staff is whatever carries them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from civicline.people.models import User

Test = Callable[["User", object], bool]

_shares: dict[str, Test] = {}


@dataclass(frozen=True, slots=True)
class Rule:
    """One kind of permission: `words` stand in the printed table, `test` decides about one object.

    A rule that `needs_object` denies when it is asked without one.
    """

    code: str
    words: Promise
    needs_object: bool
    test: Test


def share(name: str, test: Test) -> None:
    """Let a higher module say that an object was put before somebody: offered, consulted about, mentioned.

    Called once per name at start, from `config.wiring`. It widens the rules "own" and "own_queues" only.
    """
    _shares[name] = test


def unshare(name: str) -> None:
    """Take back a `share`; an unknown name is ignored."""
    _shares.pop(name, None)


def same_id(left: object, right: object) -> bool:
    """Whether two ids, as UUID or text, are the same; unknown ids are never the same."""
    return left is not None and right is not None and str(left) == str(right)


def queue_ids(user: User) -> frozenset[int]:
    """The queues that this person serves, asked once per user object (that is: once per request)."""
    known: frozenset[int] | None = getattr(user, "_queue_ids", None)
    if known is None:
        agent = getattr(user, "agent", None)
        rows = agent.queue_memberships.values_list("queue_id", flat=True) if agent is not None else ()
        known = frozenset(rows)
        user._queue_ids = known  # type: ignore[attr-defined]  # a memo beside the row, as Django does itself
    return known


def in_own_hands(user: User, obj: object) -> bool:
    """The contact is assigned to them, the case is theirs, or it was shared with them."""
    holder = getattr(obj, "agent_id", None) or getattr(obj, "owner_id", None)
    return same_id(holder, user.pk) or any(test(user, obj) for test in _shares.values())


def in_own_queues(user: User, obj: object) -> bool:
    """In their own hands, or in a queue that they serve."""
    queue = getattr(obj, "queue_id", None)
    return (queue is not None and queue in queue_ids(user)) or in_own_hands(user, obj)


def spoke_in(user: User, obj: object) -> bool:
    """They spoke in the call that was recorded, and the town lets agents hear their own."""
    return bool(settings.CIVICLINE.voice_hear_own) and same_id(getattr(obj, "agent_id", None), user.pk)


def is_self(user: User, obj: object) -> bool:
    """The object is this person: their account, their agent row, or its id."""
    return same_id(obj if isinstance(obj, str | UUID) else getattr(obj, "pk", None), user.pk)


YES = Rule("yes", _("yes"), False, lambda _user, _obj: True)
OWN = Rule("own", _("in their own hands"), True, in_own_hands)
OWN_QUEUES = Rule("own_queues", _("in their own hands or queues"), True, in_own_queues)
OWN_TALKS = Rule("own_talks", _("their own, where the town allows it"), True, spoke_in)
SELF = Rule("self", _("for themselves"), True, is_self)
