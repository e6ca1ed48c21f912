"""A call without a telephone: the menu is walked in text, with the facts of now, and every sentence can be heard."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils.translation import gettext

from civicline.channels.voice.flows import facts, selectors
from civicline.channels.voice.flows.menus import Menu
from civicline.channels.voice.flows.sentences import sentence
from civicline.engine.callflow import (
    Answered,
    Digits,
    Facts,
    Failed,
    Heard,
    HungUp,
    Recorded,
    Silence,
    Spoken,
    Step,
    actions,
    as_plain,
    begin,
    from_plain,
    walk,
)
from civicline.kernel.telephone import in_sentence
from civicline.kernel.texts import localized
from civicline.routing import selectors as routing

MOST_LINES = 200
MOST_LOOK_UPS = 60
MESSAGE_S = 8.0


@dataclass(slots=True)
class Trial:
    """One call on trial, as it lies in the session between two pages.

    lines: {kind: menu|caller|note, text, language}.   waits: what the call waits for now, "" over.
    """

    code: str
    version: int | None
    caller: Facts
    position: dict[str, Any]
    lines: list[dict[str, str]]
    waits: str

    def plain(self) -> dict[str, Any]:
        """For the session."""
        return {
            "code": self.code,
            "version": self.version,
            "caller": [self.caller.caller, self.caller.language, self.caller.caller_verified],
            "position": self.position,
            "lines": self.lines,
            "waits": self.waits,
        }


def from_session(plain: Any, code: str) -> Trial | None:
    """The call of this menu that the session holds, if any."""
    if not isinstance(plain, Mapping) or plain.get("code") != code:
        return None
    number, language, verified = plain["caller"]
    caller = Facts(number, language, bool(verified))
    return Trial(code, plain["version"], caller, plain["position"], plain["lines"], plain["waits"])


def menu_of(code: str, version: int | None) -> Menu:
    """The menu that is tried: a published version, or the draft."""
    found = selectors.menu_of_version(version) if version is not None else None
    return found or selectors.draft_menu(selectors.get_flow(code))


def start(menu: Menu, caller: Facts) -> Trial:
    """Ring."""
    trial = Trial(menu.code, menu.version, caller, {}, [], "")
    _carry_out(trial, menu, begin(menu.flow, caller))
    return trial


def go_on(trial: Trial, heard: Heard, words: str) -> None:
    """What the caller did; the menu answers."""
    if not trial.waits:
        return
    menu = menu_of(trial.code, trial.version)
    _note(trial, "caller", words)
    _carry_out(trial, menu, walk(menu.flow, from_plain(trial.position), heard, trial.caller))


DEEDS: Mapping[str, tuple[str, ...]] = {
    "keys": ("silent", "hang_up"),
    "line": ("full", "hang_up"),
    "message": ("message", "silent", "hang_up"),
    "dial": ("busy", "hang_up"),
}
"""What may be done beside pressing keys, by what the call waits for."""


def heard_of(deed: str, waits: str) -> tuple[Heard, str] | None:
    """A deed of the page as the engine hears it, and in words; None when it means nothing here."""
    if deed not in DEEDS.get(waits, ()):
        return None
    if deed == "silent":
        return (Silence() if waits == "keys" else Recorded(0)), gettext("says and presses nothing")
    found: dict[str, tuple[Heard, str]] = {
        "hang_up": (HungUp(), gettext("hangs up")),
        "full": (Failed("full"), gettext("cannot be put in line: it is full")),
        "message": (Recorded(MESSAGE_S), gettext("leaves a message")),
        "busy": (Failed("busy"), gettext("hears that the number is busy")),
    }
    return found[deed]


def pressed(keys: str) -> tuple[Heard, str]:
    """Keys as the engine hears them, and in words."""
    return Digits(keys), gettext("presses %(keys)s") % {"keys": keys[:40]}


def _carry_out(trial: Trial, menu: Menu, step: Step) -> None:
    """Do what the menu asks for, look-ups included, until it waits for the caller."""
    for _ in range(MOST_LOOK_UPS):
        for action in step.actions:
            _tell(trial, menu, step, action)
        last = step.actions[-1] if step.actions else actions.HangUp()
        if step.position.ended or not isinstance(last, actions.LookUp):
            break
        answered = facts.answer(last, caller=trial.caller, book=lambda _wanted: True)
        _note(trial, "note", _look_up_words(last, answered))
        step = walk(menu.flow, step.position, answered, trial.caller)
    trial.position = as_plain(step.position)
    trial.waits = "" if step.position.ended else _waits(last)
    if not trial.waits:
        _note(trial, "note", gettext("The call is over."))
    del trial.lines[:-MOST_LINES]


def _waits(action: actions.Action) -> str:
    if isinstance(action, actions.EnterQueue):
        return "line"
    if isinstance(action, actions.RecordVoicemail):
        return "message"
    return "dial" if isinstance(action, actions.Dial) else "keys"


def _note(trial: Trial, kind: str, text: str, language: str = "") -> None:
    trial.lines.append({"kind": kind, "text": text, "language": language})


def _tell(trial: Trial, menu: Menu, step: Step, action: actions.Action) -> None:
    if isinstance(action, actions.Say):
        for spoken in action.spoken:
            language = spoken.language or _language_at(trial, step)
            _note(trial, "menu", _heard_text(menu, spoken, language), language)
    elif isinstance(action, actions.SetLanguage):
        name = dict(settings.LANGUAGES).get(action.language, action.language)
        _note(trial, "note", gettext("The call is in %(language)s.") % {"language": name}, "")
        trial.position = {"language": action.language}
    else:
        words = _words(action)
        if words:
            _note(trial, "note", words)


def _language_at(trial: Trial, step: Step) -> str:
    """The language that was set last: a step may say something before it changes."""
    return str(trial.position.get("language") or step.position.language)


def _heard_text(menu: Menu, spoken: Spoken, language: str) -> str:
    found = menu.sentence(spoken.prompt, language)
    text = sentence(found.text, spoken.values, language)
    return text or gettext("(a recording: %(prompt)s)") % {"prompt": spoken.prompt}


def _words(action: actions.Action) -> str:
    """What the telephone does now, for who tries the menu; "" for what is told elsewhere."""
    if isinstance(action, actions.Collect):
        return gettext("Waits %(seconds)s seconds for a key.") % {"seconds": round(action.seconds)}
    if isinstance(action, actions.EnterQueue):
        queue = routing.get_queue(action.queue)
        name = localized(queue.name, settings.LANGUAGE_CODE) if queue else action.queue
        return gettext("The caller waits in the line “%(queue)s”.") % {"queue": name}
    if isinstance(action, actions.RecordVoicemail):
        return gettext("Records at most %(seconds)s seconds.") % {"seconds": action.seconds}
    if isinstance(action, actions.Dial):
        return gettext("Rings %(number)s.") % {"number": in_sentence(action.number)}
    if isinstance(action, actions.Remember):
        kept = ", ".join(f"{name} = {text}" for name, text in action.facts.items())
        return gettext("Keeps for the agent: %(facts)s") % {"facts": kept}
    return ""


def _look_up_words(look_up: actions.LookUp, answered: Answered) -> str:
    about = {
        "hours": gettext("Opening hours"),
        "notices": gettext("Messages in force"),
        "wait": gettext("The wait"),
        "case": gettext("The reference"),
        "check_pin": gettext("The PIN"),
        "status": gettext("The status of the case"),
        "callback": gettext("A call that we owe"),
        "cancel_callback": gettext("Calling it off (only on trial)"),
        "join_callback": gettext("Waiting on the line instead (only on trial)"),
        "book_callback": gettext("The call back (only on trial)"),
    }
    outcomes = {
        "open": gettext("open"),
        "closed": gettext("closed"),
        "holiday": gettext("closed for a public holiday"),
        "some": gettext("there are some"),
        "none": gettext("none"),
        "known": gettext("known"),
        "unknown": gettext("not known"),
        "verified": gettext("right"),
        "pin": gettext("needs the PIN"),
        "wrong": gettext("wrong"),
        "locked": gettext("locked after too many tries"),
        "read": gettext("read"),
        "gone": gettext("gone"),
        "owed": gettext("owed"),
        "resting": gettext("owed, and resting until the line is open"),
        "done": gettext("done"),
        "booked": gettext("booked"),
        "refused": gettext("refused"),
    }
    return f"{about[look_up.kind]}: {outcomes.get(answered.outcome, answered.outcome)}"
