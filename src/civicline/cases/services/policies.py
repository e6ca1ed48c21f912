"""What a body promises: open seconds for each clock, per type of case, and per service where it differs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from civicline.cases.models import CasePolicy
from civicline.cases.services.opening import workflow_of
from civicline.cases.wording import CLOCKS
from civicline.kernel import audit
from civicline.kernel.db import writes
from civicline.kernel.errors import Invalid, NotFound

if TYPE_CHECKING:
    from civicline.intake.models import Calendar, Service

LONGEST_S = 366 * 86_400


@writes
def save_policy(
    *, type: str, targets: Mapping[str, int], calendar: Calendar, service: Service | None = None
) -> CasePolicy:
    """The promises of a type, or of one service of it, new or changed; running clocks keep what was promised.

    `targets` {first_answer, resolution, review: open seconds}; a clock left out, or 0, is not promised. Invalid
    names a clock that is not known or a time that makes no sense.
    """
    table = workflow_of(type)
    for name, seconds in targets.items():
        if name not in CLOCKS:
            raise Invalid(fields={"targets": _("There is no promise called “%(clock)s”.")}, clock=name)
        if isinstance(seconds, bool) or not isinstance(seconds, int) or not 0 <= seconds <= LONGEST_S:
            raise Invalid(
                fields={"targets": _("Give the time for “%(clock)s” in seconds, at most a year.")},
                clock=CLOCKS[name],
            )
    kept = {name: seconds for name, seconds in targets.items() if seconds}
    before = CasePolicy.objects.filter(type=table.type, service=service).first()
    was = dict(before.targets) if before is not None else {}
    policy, made = CasePolicy.objects.update_or_create(
        type=table.type, service=service, defaults={"targets": kept, "calendar": calendar}
    )
    action = "case_policy.created" if made else "case_policy.changed"
    audit.record(action, object=("case_policy", policy.pk), data={"before": was, "after": kept})
    return policy


@writes
def remove_policy(*, policy_id: int) -> None:
    """Promise nothing of one's own any more: a service then follows its type. Running clocks run on."""
    policy = CasePolicy.objects.filter(pk=policy_id).first()
    if policy is None:
        raise NotFound(_("There is no such promise."), code="policy-unknown")
    audit.record("case_policy.removed", object=("case_policy", policy_id), data={"before": policy.targets})
    policy.delete()
