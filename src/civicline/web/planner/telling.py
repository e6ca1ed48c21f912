"""What was asked of the simulator and what a change would do, in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import get_language, gettext, ngettext

from civicline.intake import selectors as intake
from civicline.kernel.texts import in_a_row, localized
from civicline.people import selectors as people
from civicline.web.planner import pages
from civicline.workforce.scenarios import WRITTEN, Changes
from civicline.workforce.services.plan_steps import Step

if TYPE_CHECKING:
    from civicline.workforce.models import WhatIf


Names = Mapping[str, str]


def agent_names() -> dict[str, str]:
    """Names by id as text."""
    return {str(agent_id): name for agent_id, name in people.agent_names()}


def line_names() -> dict[str, str]:
    """The lines of a past day: each queue, and its written work."""
    names = dict(pages.queue_choices())
    written = {
        code + WRITTEN: gettext("%(queue)s, in writing") % {"queue": name} for code, name in names.items()
    }
    return names | written


def told_changes(row: WhatIf) -> list[str]:
    """What B does otherwise."""
    changes, names = Changes(**row.changes), dict(pages.queue_choices())
    found = _told_world(changes) if row.kind == "past" else []
    if changes.extra:
        words = gettext("People more: %(count)s, %(from)s to %(until)s, %(queue)s")
        found.append(words % {
            "count": changes.extra, "from": pages.clock_words(changes.extra_from),
            "until": pages.clock_words(changes.extra_until),
            "queue": names.get(changes.extra_queue, gettext("All queues")),
        })  # fmt: skip
    if changes.learner:
        found.append(
            learns(
                agent_names().get(changes.learner, "?"),
                names.get(changes.learner_queue, changes.learner_queue),
            )
        )
    if changes.pool:
        found.append(gettext("Everybody takes every queue"))
    if changes.callback:
        words = ngettext(
            "A call back is offered from %(count)s minute of wait",
            "A call back is offered from %(count)s minutes of wait",
            changes.callback,
        )
        found.append(words % {"count": changes.callback})
    if changes.self_service:
        found.append(gettext("%(count)s%% are solved without a person") % {"count": changes.self_service})
    if changes.opens is not None or changes.closes is not None:
        hours = [pages.clock_words(at) if at is not None else "…" for at in (changes.opens, changes.closes)]
        found.append(gettext("Open from %(from)s to %(until)s") % {"from": hours[0], "until": hours[1]})
    return found + _told_rule(changes, names)


def _told_rule(changes: Changes, names: Names) -> list[str]:
    """The rules of a queue that are otherwise."""
    rule, found = changes.rule, []
    if rule is None:
        return []
    queue = names.get(rule.queue, rule.queue)
    if rule.help_after is not None:
        words = gettext("After %(seconds)s s people of %(helper)s help with %(queue)s")
        helper = names.get(rule.helper, rule.helper)
        found.append(words % {"seconds": rule.help_after, "helper": helper, "queue": queue})
    if rule.ahead > 0:
        words = ngettext(
            "%(queue)s goes %(count)s step of priority further ahead",
            "%(queue)s goes %(count)s steps of priority further ahead",
            rule.ahead,
        )
        found.append(words % {"queue": queue, "count": rule.ahead})
    if rule.ahead < 0:
        words = ngettext(
            "%(queue)s goes %(count)s step of priority further back",
            "%(queue)s goes %(count)s steps of priority further back",
            -rule.ahead,
        )
        found.append(words % {"queue": queue, "count": -rule.ahead})
    return found


def _told_world(changes: Changes) -> list[str]:
    """What else was otherwise on a past day."""
    found = []
    if changes.more:
        found.append(gettext("%(count)s%% more contacts") % {"count": changes.more})
    if changes.handle:
        found.append(gettext("Contacts take %(count)s%% longer") % {"count": changes.handle})
    if changes.absent:
        found.append(gettext("%(count)s%% of the people do not come") % {"count": changes.absent})
    return found


def learns(name: str, queue: str) -> str:
    """Somebody gets a queue."""
    return gettext("%(name)s takes %(queue)s too") % {"name": name, "queue": queue}


# --- steps of a change ---


def told_steps(steps: Iterable[Step | Mapping[str, Any]]) -> list[dict[str, str]]:
    """Steps as rows: what is changed, as it is, as it will be."""
    names, agents = dict(pages.queue_choices()), agent_names()
    rows = []
    for one in steps:
        step = one if isinstance(one, Step) else Step(**one)
        rows += _TOLD[step.kind](step, names, agents)
    return rows


def _row(what: str, before: str, after: str) -> dict[str, str]:
    return {"what": what, "before": before or "–", "after": after or "–"}


def _shift(step: Step, names: Names, _agents: Names) -> list[dict[str, str]]:
    what = gettext("Open shift, %(queue)s") % {"queue": names.get(step.of, gettext("All queues"))}
    return [_row(what, "", _times(*step.after))]


def _times(start: str, end: str) -> str:
    first, last = (localtime(datetime.fromisoformat(at)) for at in (start, end))
    return in_a_row((date_format(first, "D j M"), f"{first:%H:%M}–{last:%H:%M}"))


def _members(step: Step, names: Names, agents: Names) -> list[dict[str, str]]:
    new = [agents.get(one, "?") for one in step.after if one not in step.before]
    before = ngettext("%(count)s person", "%(count)s people", len(step.before)) % {"count": len(step.before)}
    after = gettext("%(names)s too") % {"names": in_a_row(sorted(new))}
    return [_row(gettext("Who serves %(queue)s") % {"queue": names.get(step.of, step.of)}, before, after)]


def _skill(step: Step, _names: Names, agents: Names) -> list[dict[str, str]]:
    what = gettext("Skills of %(name)s") % {"name": agents.get(step.of, "?")}
    changed = {skill: level for skill, level in step.after.items() if level != step.before.get(skill)}
    before = in_a_row(f"{skill} {step.before.get(skill) or 0}" for skill in changed)
    return [_row(what, before, in_a_row(f"{skill} {level}" for skill, level in changed.items()))]


def _staffing(step: Step, names: Names, _agents: Names) -> list[dict[str, str]]:
    queue, rows = names.get(step.of, step.of), []
    told, before = step.after, step.before
    if "opens" in told or "closes" in told:
        hours = [
            " – ".join(pages.clock_words(side[name]) for name in ("opens", "closes") if name in side)
            for side in (before, told)
        ]
        rows.append(_row(gettext("%(queue)s: planned hours") % {"queue": queue}, *hours))
    if "callback_minutes" in told:
        what = gettext("%(queue)s: a call back is offered from, minutes") % {"queue": queue}
        was = before["callback_minutes"]
        rows.append(_row(what, str(was) if was else gettext("never"), str(told["callback_minutes"])))
    if "self_service" in told:
        what = gettext("%(queue)s: solved without a person") % {"queue": queue}
        rows.append(_row(what, *(f"{100 * side['self_service']:.0f}%" for side in (before, told))))
    return rows


def _calling(step: Step, names: Names, _agents: Names) -> list[dict[str, str]]:
    what = gettext("%(queue)s: callers are offered a call back after, minutes of wait")
    sides = (_offered(step.before), _offered(step.after))
    return [_row(what % {"queue": names.get(step.of, step.of)}, *sides)]


def _offered(offer: Mapping[str, Any]) -> str:
    if not offer["callbacks"] or not offer["offer_seconds"]:
        return gettext("never")
    return f"{offer['offer_seconds'] / 60:g}"


def _calendar(step: Step, _names: Names, _agents: Names) -> list[dict[str, str]]:
    what = gettext("Opening hours “%(name)s”") % {"name": step.of}
    return [_row(what, _week(step.before), _week(step.after))]


def _week(weekly: Iterable[Mapping[str, Any]]) -> str:
    """Opening hours in one line: days with the same hours together."""
    by_day: dict[int, str] = {}
    for one in sorted(weekly, key=lambda one: (one["day"], one["start"])):
        span = f"{one['start']}–{one['end']}"
        by_day[one["day"]] = in_a_row((by_day[one["day"]], span)) if one["day"] in by_day else span
    groups: list[tuple[list[int], str]] = []
    for day, hours in sorted(by_day.items()):
        if groups and groups[-1][1] == hours and groups[-1][0][-1] == day - 1:
            groups[-1][0].append(day)
        else:
            groups.append(([day], hours))
    return in_a_row((f"{_days(days)} {hours}" for days, hours in groups), apart=True)


def _days(days: list[int]) -> str:
    from django.utils.dates import WEEKDAYS_ABBR

    first, last = str(WEEKDAYS_ABBR[days[0]]), str(WEEKDAYS_ABBR[days[-1]])
    return first if len(days) == 1 else f"{first}–{last}"


def _rings(step: Step, names: Names, _agents: Names) -> list[dict[str, str]]:
    what = gettext("%(queue)s: who helps, and when") % {"queue": names.get(step.of, step.of)}
    sides = [[_ring(one, names) for one in side] for side in (step.before, step.after)]
    return [_row(what, *(in_a_row(side, apart=True) for side in sides))]


def _ring(ring: Sequence[Any], names: Names) -> str:
    """What changes after so many seconds of wait."""
    seconds, drop, helper = ring
    told = [gettext("the people of %(queue)s help") % {"queue": names.get(helper, helper)}] if helper else []
    if drop:
        words = ngettext(
            "%(count)s level of skill less will do", "%(count)s levels of skill less will do", drop
        )
        told.append(words % {"count": drop})
    what = in_a_row(told) or gettext("people of a partner body help")
    return gettext("after %(seconds)s s: %(what)s") % {"seconds": seconds, "what": what}


def _priorities(step: Step, names: Names, _agents: Names) -> list[dict[str, str]]:
    language = get_language() or settings.LANGUAGE_CODE
    services = {one.code: localized(one.name, language) for one in intake.list_kept_services()}
    return [
        _row(
            gettext("Priority of “%(service)s”") % {"service": services.get(code) or code},
            str(step.before.get(code, 0)),
            str(level),
        )
        for code, level in step.after.items()
    ]


def _session(step: Step, names: Names, agents: Names) -> list[dict[str, str]]:
    queue = names.get(step.after["queue"], step.after["queue"])
    what = gettext("%(name)s is trained for %(queue)s") % {"name": agents.get(step.of, "?"), "queue": queue}
    return [_row(what, gettext("Work"), _times(start, end)) for start, end, _shift in step.after["sessions"]]


def _taught(step: Step, names: Names, agents: Names) -> list[dict[str, str]]:
    queue = names.get(step.after["queue"], step.after["queue"])
    return [_row(learns(agents.get(step.of, "?"), queue), "", gettext("the training is over"))]


_TOLD = {
    "shift": _shift, "members": _members, "skill": _skill, "staffing": _staffing, "calling": _calling,
    "calendar": _calendar, "rings": _rings, "priorities": _priorities, "session": _session, "taught": _taught,
}  # fmt: skip
