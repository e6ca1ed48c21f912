"""Who may do what: `may`, `require` and `permitted` over the one table.

    may(user, "contact.reply", contact)     # True or False
    require(user, "case.step", case)        # Forbidden with a sentence for people
    @permitted("contact.read", obj=load)    # a view: it gets the loaded object in place of its ids

Deny unless there: an unknown action, an inactive account, a missing object, no role: no.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

from django.apps import apps
from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from civicline.kernel.errors import Forbidden
from civicline.kernel.readings import Reading
from civicline.people.permission_rules import Rule, share, unshare
from civicline.people.permission_table import ACTIONS
from civicline.people.roles import ROLE_NAMES, Role

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from civicline.people.models import User

__all__ = [
    "ACTIONS",
    "Role",
    "could",
    "could_any",
    "may",
    "permitted",
    "render_markdown",
    "require",
    "require_role",
    "roles_of",
    "share",
    "unshare",
]

View = TypeVar("View", bound=Callable[..., HttpResponseBase])
_NOBODY: frozenset[Role] = frozenset()


def _granted(*, user_id: UUID) -> QuerySet[Any, tuple[str]]:
    grants: QuerySet[Any] = apps.get_model("people", "RoleGrant").objects.all()
    return grants.filter(user_id=user_id).values_list("role")


_GRANTED = Reading(_granted)


def roles_of(user: User | AnonymousUser | None) -> frozenset[Role]:
    """The roles of an active account, read once per user object: a request loads its user once."""
    if user is None or not user.is_authenticated or not user.is_active:
        return _NOBODY
    known: frozenset[Role] | None = getattr(user, "_roles", None)
    if known is None:
        names = {name for (name,) in _GRANTED(user_id=user.pk)}
        known = frozenset(role for role in Role if role in names)
        user._roles = known  # type: ignore[attr-defined]  # a memo beside the row, as Django does itself
    return known


def _rules(user: User | AnonymousUser | None, action: str) -> list[Rule]:
    row = ACTIONS.get(action)
    if row is None:
        return []
    return [rule for role in roles_of(user) if (rule := row.roles.get(role)) is not None]


def may(user: User | AnonymousUser | None, action: str, obj: object | None = None) -> bool:
    """Whether this person may do this, to this object. A rule about objects says no when there is none."""
    return any(
        (not rule.needs_object or obj is not None) and rule.test(user, obj)  # type: ignore[arg-type]  # has roles
        for rule in _rules(user, action)
    )


def could(user: User | AnonymousUser | None, action: str) -> bool:
    """Whether there may be objects to which they may do it: for menus, never for guarding a deed."""
    return bool(_rules(user, action))


def could_any(user: User | AnonymousUser | None, *actions: str) -> bool:
    """Whether at least one of these actions is open to them in principle."""
    return any(could(user, action) for action in actions)


def require(user: User | AnonymousUser | None, action: str, obj: object | None = None) -> None:
    """Raise Forbidden, which names the action in words, unless `may` agrees."""
    if may(user, action, obj):
        return
    row = ACTIONS.get(action)
    words = row.words if row else action
    raise Forbidden(_("You may not do this: %(action)s."), code="not-permitted", action=words)


def require_role(user: User | AnonymousUser | None, *roles: Role) -> None:
    """Raise Forbidden unless they hold one of the roles; for the few places that hang on a role, not a deed."""
    if not roles_of(user) & set(roles):
        raise Forbidden(_("This needs another role than yours."), code="not-permitted")


def permitted(action: str, *, obj: Callable[..., Any] | None = None) -> Callable[[View], View]:
    """Guard a view. `obj(request, **ids)` loads what the view is about; the view then gets it instead of the ids.

    Nobody signed in: a page leads to the sign-in and back; a fragment or a write is Forbidden (`sign-in`).
    """
    if action not in ACTIONS:
        raise KeyError(f"no action {action!r} in the permission table")

    def guard(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **ids: Any) -> HttpResponseBase:
            user = request.user
            if not user.is_authenticated:
                return _to_sign_in(request)
            if obj is None:
                require(user, action)
                return view(request, *args, **ids)
            if not could(
                user, action
            ):  # before loading: who may never do it learns nothing about what exists
                require(user, action)
            loaded = obj(request, *args, **ids)
            require(user, action, loaded)
            return view(request, loaded)

        guarded.permission = action  # type: ignore[attr-defined]  # the tests look for unguarded addresses by it
        return guarded  # type: ignore[return-value]  # same signature towards Django

    return guard


def _to_sign_in(request: HttpRequest) -> HttpResponseBase:
    fragment = request.headers.get("HX-Request") == "true"
    if request.method in {"GET", "HEAD"} and not fragment:
        return redirect_to_login(request.get_full_path(), settings.LOGIN_URL)
    raise Forbidden(_("Sign in first. Your sign-in may have run out."), code="sign-in")


def render_markdown() -> str:
    """The whole table in English Markdown, as it stands in docs/administer/roles.md."""
    with override("en"):
        names = [str(ROLE_NAMES[role]) for role in Role]
        lines = [
            "# Roles and what they may do",
            "",
            "One table decides, in `people/permission_table.py`; what is not in it is denied. A person may hold",
            "several roles, and may do what any one of them may. This page is written from the table by",
            "`civicline.people.permissions.render_markdown`; a test fails when the two differ.",
            "",
            "| Action | Code | " + " | ".join(names) + " |",
            "|---|---|" + "---|" * len(names),
        ]
        for code, action in ACTIONS.items():
            cells = [str(action.roles[role].words) if role in action.roles else "" for role in Role]
            lines.append(f"| {action.words} | `{code}` | " + " | ".join(cells) + " |")
        lines += [
            "",
            "Every read of a resident's personal data and every change is in the audit log, whoever made it.",
            '"In their own hands" includes what was put before them: an offer, a consultation, a mention.',
            "",
        ]
    return "\n".join(lines)
