"""What a site says about supervisors who listen."""

from __future__ import annotations

from civicline.channels.voice.company import events
from civicline.channels.voice.company.models import ListeningRule
from civicline.kernel import audit
from civicline.kernel.db import writes
from civicline.kernel.events import emit


@writes
def set_listening_rule(*, sign: bool) -> None:
    """Whether agents see who listens to their calls. The same again changes nothing."""
    rule = ListeningRule.objects.first() or ListeningRule()
    if rule.pk is not None and rule.sign == sign:
        return
    rule.sign = sign
    rule.save()
    emit(events.LISTENING_RULE_CHANGED, subject=("listening_rule", rule.pk), data={"sign": sign})
    audit.record("listening_rule.changed", object=("listening_rule", rule.pk), data={"sign": sign})
