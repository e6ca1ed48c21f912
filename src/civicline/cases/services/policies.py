"""What administrators keep of cases: the promises per case type, and per service where they differ."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from civicline.cases.models import CasePolicy
from civicline.engine.workflow import WORKFLOWS
from civicline.kernel import audit
from civicline.kernel.db import writes
from civicline.kernel.errors import Invalid

if TYPE_CHECKING:
    from civicline.intake.models import Calendar, Service


@writes
def save_policy(
    *, type: str, calendar: Calendar, targets: Mapping[str, int], service: Service | None = None
) -> CasePolicy:
    """The promises of a case type in open seconds of `calendar`, {clock: seconds}; of one service if given."""
    if type not in WORKFLOWS:
        raise Invalid(fields={"type": _("There is no type of case “%(type)s”.")}, type=type)
    wrong = [clock for clock, seconds in targets.items() if not isinstance(seconds, int) or seconds <= 0]
    if wrong:
        raise Invalid(fields={clock: _("Give a time above nought.") for clock in wrong})
    before = CasePolicy.objects.filter(type=type, service=service).first()
    row, _created = CasePolicy.objects.update_or_create(
        type=type, service=service, defaults={"targets": dict(targets), "calendar": calendar}
    )
    changes = {"targets": {"from": before.targets if before else None, "to": dict(targets)}}
    code = f"{type}.{service.code}" if service else type
    audit.record("policy.changed", object=("policy", code), data={"changes": changes})
    return row
