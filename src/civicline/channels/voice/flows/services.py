"""Writes of telephone menus: their drafts node by node, publishing, prompts and the list of outside numbers."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from civicline.channels.voice.flows import built_in, recordings, selectors, sentences
from civicline.channels.voice.flows.checking import problems_of
from civicline.channels.voice.flows.differences import differences
from civicline.channels.voice.flows.events import FLOW_CHANGED, FLOW_PUBLISHED, PROMPT_CHANGED
from civicline.channels.voice.flows.menus import as_snapshot, read_flow
from civicline.channels.voice.flows.models import CallFlow, FlowVersion, OutsideNumber, Prompt
from civicline.channels.voice.flows.wording import problem_words
from civicline.engine.callflow import BadFlow, Flow, Node, flow_as_plain, flow_from_plain
from civicline.engine.callflow.nodes import exits
from civicline.engine.callflow.plain import MOST_NODES
from civicline.kernel import actors, audit, clock, ids
from civicline.kernel.db import writes
from civicline.kernel.errors import Conflict, Invalid, NotFound, Refused
from civicline.kernel.events import emit
from civicline.people import personal

_CODE = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
TEXT_LENGTH = 1000
NOTE_LENGTH = 200
BAD_CODE = _("Use small letters, digits, - and _, at most 64.")


class NotSound(Refused):
    """The menu has problems; `problems` are sentences."""

    default_code = "call-flow-not-sound"
    default_text = _("This menu cannot be published yet: %(first)s")

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__(first=problems[0])


@writes
def save_flow(
    *, code: str, name: Mapping[str, str], numbers: Sequence[str] = (), main: bool = False
) -> CallFlow:
    """A menu under a code, new or changed, without its steps. Invalid names what is wrong.

    When it becomes the main one, the one before is it no longer. A number belongs to one menu.
    """
    if not _CODE.fullmatch(code):
        raise Invalid(fields={"code": BAD_CODE})
    given = {language: text.strip()[:100] for language, text in name.items() if text.strip()}
    if not given:
        raise Invalid(fields={"name": _("Give a name in at least one language.")})
    dialled = [personal.clean_phone(number) for number in numbers if number.strip()]
    row = selectors.find_flow(code) or CallFlow(code=code)
    _refuse_taken(code, dialled)
    fields = {"name": given, "numbers": dialled, "main": main}
    before = {} if row.pk is None else {field: getattr(row, field) for field in fields}
    if main:
        CallFlow.objects.filter(main=True).exclude(code=code).update(main=False)
    if row.pk is None:
        row.draft = flow_as_plain(Flow("", languages=(settings.LANGUAGES[0][0],)))
    for field, value in fields.items():
        setattr(row, field, value)
    row.changed_at = clock.now()
    row.save()
    changes = {
        field: {"from": before.get(field), "to": value}
        for field, value in fields.items()
        if before.get(field) != value
    }
    _tell_changed(row, changes, created=not before)
    return row


def _refuse_taken(code: str, numbers: Sequence[str]) -> None:
    for other in selectors.list_flows().exclude(code=code):
        for number in set(other.numbers) & set(numbers):
            text = _("The number %(number)s already leads to the menu “%(short)s”.")
            raise Invalid(fields={"numbers": text}, number=number, short=other.code)


def _tell_changed(row: CallFlow, changes: Mapping[str, Any], *, created: bool = False) -> None:
    if changes:
        action = "call_flow.created" if created else "call_flow.changed"
        audit.record(action, object=("call_flow", row.code), data={"changes": dict(changes)})
        emit(FLOW_CHANGED, subject=("call_flow", row.code), data={"code": row.code})


@writes
def set_frame(*, code: str, start: str, languages: Sequence[str], give_up: str) -> CallFlow:
    """Where a call begins, the languages (the first where nothing is known), and the last resort."""
    return _change(code, lambda flow: replace(flow, start=start, languages=tuple(languages), give_up=give_up))


@writes
def put_node(*, code: str, key: str, node: Node) -> CallFlow:
    """A step under its short name, new or changed. The first step of a menu is where it begins."""
    if not _CODE.fullmatch(key):
        raise Invalid(fields={"key": BAD_CODE})

    def with_node(flow: Flow) -> Flow:
        if key not in flow.nodes and len(flow.nodes) >= MOST_NODES:
            raise Invalid(fields={"key": _("A menu has at most %(most)s steps.")}, most=MOST_NODES)
        return replace(flow, start=flow.start or key, nodes={**flow.nodes, key: node})

    return _change(code, with_node)


@writes
def remove_node(*, code: str, key: str) -> CallFlow:
    """Take a step out. What led to it now leads to where it went on, if that is one place; else nowhere."""

    def without(flow: Flow) -> Flow:
        if key not in flow.nodes:
            raise NotFound(_("There is no such step."), code="call-step-unknown")
        onward = {way.target for way in exits(flow.nodes[key]) if way.target not in ("", key)}
        target = onward.pop() if len(onward) == 1 else ""
        nodes = {one: _relinked(node, key, target) for one, node in flow.nodes.items() if one != key}
        return replace(
            flow,
            nodes=nodes,
            start=target if flow.start == key else flow.start,
            give_up="" if flow.give_up == key else flow.give_up,
        )

    return _change(code, without)


def _relinked(node: Node, gone: str, target: str) -> Node:
    changed: dict[str, Any] = {
        way.name: target for way in exits(node) if way.target == gone and not way.name.startswith("digit:")
    }
    choices = getattr(node, "choices", None)
    if choices and hasattr(choices[0], "next"):
        changed["choices"] = tuple(replace(one, next=target) if one.next == gone else one for one in choices)
    return replace(node, **changed)


@writes
def replace_draft(*, code: str, plain: Mapping[str, Any]) -> CallFlow:
    """The whole draft at once, as `flow_as_plain` writes it. Invalid when it is no flow."""
    try:
        flow = flow_from_plain(plain)
    except BadFlow as fault:
        raise Invalid(str(fault), code="call-flow-unreadable") from fault
    return _change(code, lambda _old: flow)


def _change(code: str, change: Any) -> CallFlow:
    row = selectors.get_flow(code)
    old = read_flow(row.draft)
    new: Flow = change(old)
    row.draft = flow_as_plain(new)
    row.changed_at = clock.now()
    row.save(update_fields=["draft", "changed_at"])
    _tell_changed(row, differences(old, new))
    return row


@writes
def publish(*, code: str, note: str = "") -> FlowVersion:
    """Make the draft the menu that callers hear, from the next call on. NotSound names the problems.

    The words and recordings of this moment are kept with it: later edits of prompts wait for the next version.
    """
    row = selectors.get_flow(code)
    flow = read_flow(row.draft)
    problems = [problem_words(one) for one in problems_of(flow)]
    if problems:
        raise NotSound(problems)
    prompts = as_snapshot(flow, selectors.prompts_now())
    return _publish(row, flow_as_plain(flow), prompts, note, {})


@writes
def roll_back(*, code: str, number: int) -> FlowVersion:
    """Publish an older version again, as a new one, with the words it had. The draft becomes the same."""
    row = selectors.get_flow(code)
    old = selectors.get_version(row, number)
    row.draft = old.plain
    return _publish(row, old.plain, old.prompts, old.note, {"from": number})


def _publish(
    row: CallFlow, plain: dict[str, Any], prompts: dict[str, Any], note: str, told: Mapping[str, Any]
) -> FlowVersion:
    last = row.versions.order_by("-number").first()
    version = FlowVersion.objects.create(
        flow=row,
        number=last.number + 1 if last else 1,
        plain=plain,
        prompts=prompts,
        mark=ids.new_id().hex,
        note=note.strip()[:NOTE_LENGTH],
        published_at=clock.now(),
        published_by_id=_staff_id(),
    )
    row.published = version
    row.changed_at = clock.now()
    row.save(update_fields=["published", "draft", "changed_at"])
    data = {"code": row.code, "number": version.number, **told}
    audit.record("call_flow.published", object=("call_flow", row.code), data=data)
    emit(FLOW_PUBLISHED, subject=("call_flow", row.code), data=data)
    return version


def _staff_id() -> UUID | None:
    who = actors.current()
    return UUID(who.id) if who.kind == "staff" and who.id else None


@writes
def save_prompt(*, key: str, texts: Mapping[str, str]) -> Prompt:
    """The words of a prompt by language; one that is built in may be written anew, and "" takes the built-in words.

    Invalid for a text that is too long, and for a place that nothing fills.
    """
    if not _CODE.fullmatch(key):
        raise Invalid(fields={"key": BAD_CODE})
    given = {language: " ".join(text.split()) for language, text in texts.items() if text.strip()}
    for language, text in given.items():
        _check_text(key, language, text)
    row = selectors.find_prompt(key) or Prompt(key=key)
    before = {} if row.pk is None else row.texts
    row.texts, row.changed_at = given, clock.now()
    row.save()
    if before != given:
        _tell_prompt(row, "call_prompt.changed", {"changes": {"texts": {"from": before, "to": given}}})
    return row


def _check_text(key: str, language: str, text: str) -> None:
    field = f"texts.{language}"
    if len(text) > TEXT_LENGTH:
        raise Invalid(fields={field: _("Use at most %(most)s characters.")}, most=TEXT_LENGTH)
    unknown = built_in.places_in(text) - built_in.places(key)
    if unknown:
        known = ", ".join(sorted("{" + one + "}" for one in built_in.places(key)))
        words = _("Nothing fills %(names)s. This prompt may have: %(known)s.")
        names = ", ".join(sorted("{" + one + "}" for one in unknown))
        raise Invalid(fields={field: words}, names=names, known=known or "-")
    if not sentences.sentence(text, {}, language).strip(" .,;:!?"):
        raise Invalid(fields={field: _("Nothing in this text can be read aloud.")})


def store_recording(*, key: str, language: str, name: str, content: bytes) -> Prompt:
    """Take a recording of a prompt in a language. Invalid says what is wrong with the file.

    A prompt that has places is read aloud: a recording cannot say a number that changes.
    """
    if not selectors.has_prompt(key):
        raise NotFound(_("There is no such prompt."), code="call-prompt-unknown")
    if built_in.places(key):
        text = _("This prompt tells something that changes, so it is read aloud. Write its text.")
        raise Invalid(fields={"recording": text}, code="prompt-has-places")
    taken = recordings.take(content)
    recordings.store(taken)
    return _link_recording(
        key=key,
        language=language,
        recording={"sha256": taken.sha256, "seconds": taken.seconds, "name": name[:100]},
    )


@writes
def _link_recording(*, key: str, language: str, recording: Mapping[str, Any]) -> Prompt:
    row = selectors.find_prompt(key) or Prompt(key=key)
    row.recordings = {**row.recordings, language: dict(recording)}
    row.changed_at = clock.now()
    row.save()
    told = {"language": language, "seconds": recording["seconds"], "name": recording["name"]}
    _tell_prompt(row, "call_prompt.recorded", told)
    return row


@writes
def remove_recording(*, key: str, language: str) -> Prompt:
    """Read the prompt aloud again in this language. Versions that play the recording keep it."""
    row = selectors.find_prompt(key)
    if row is None or language not in row.recordings:
        raise NotFound(_("There is no such recording."), code="recording-unknown")
    row.recordings = {one: kept for one, kept in row.recordings.items() if one != language}
    row.changed_at = clock.now()
    row.save()
    _tell_prompt(row, "call_prompt.recording_removed", {"language": language})
    return row


def _tell_prompt(row: Prompt, action: str, data: Mapping[str, Any]) -> None:
    audit.record(action, object=("call_prompt", row.key), data=data)
    languages = sorted({*row.texts, *row.recordings})
    emit(PROMPT_CHANGED, subject=("call_prompt", row.key), data={"key": row.key, "languages": languages})


@writes
def allow_number(*, number: str, name: str) -> OutsideNumber:
    """Let menus connect with this number. Invalid when it cannot be dialled, Conflict when it is there."""
    clean = personal.clean_phone(number)
    if not clean or not name.strip():
        raise Invalid(fields={"number": _("Give a telephone number and whose it is.")})
    if OutsideNumber.objects.filter(number=clean).exists():
        raise Conflict(_("This number is on the list already."), code="number-taken")
    row = OutsideNumber.objects.create(number=clean, name=name.strip()[:100])
    audit.record("outside_number.created", object=("outside_number", clean), data={"name": row.name})
    return row


@writes
def forbid_number(*, number: str) -> None:
    """Take a number off the list. Conflict while a published menu connects with it."""
    row = OutsideNumber.objects.filter(number=number).first()
    if row is None:
        raise NotFound(_("This number is not on the list."), code="number-unknown")
    for flow in selectors.list_flows():
        used = read_flow(flow.published.plain if flow.published else {})
        if any(getattr(node, "target", "") == number for node in used.nodes.values()):
            text = _("The menu “%(short)s” connects with this number. Change and publish it first.")
            raise Conflict(text, code="number-in-use", short=flow.code)
    row.delete()
    audit.record("outside_number.removed", object=("outside_number", number), data={"name": row.name})
