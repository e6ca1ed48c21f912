"""The form of one step of a menu: fields by its kind, every way out as a choice of steps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from civicline.channels.voice.flows import selectors
from civicline.channels.voice.flows.wording import kind_label
from civicline.engine.callflow import Flow, Node, nodes
from civicline.engine.callflow.nodes import exits, kind_of
from civicline.intake import selectors as intake
from civicline.kernel.telephone import in_groups
from civicline.routing import selectors as routing
from civicline.web.admin import editing, pages
from civicline.web.admin.forms import PageForm, whole

WAYS = {
    "next": _("Then go on to"),
    "silence": _("When nothing is pressed"),
    "invalid": _("When other keys are pressed"),
    "open": _("When it is open"),
    "closed": _("When it is closed"),
    "holiday": _("On a public holiday"),
    "found": _("When the case was found"),
    "not_found": _("When no case was found"),
    "unknown": _("When no case was asked for"),
    "long": _("When the wait may be long"),
    "accepted": _("When they want to be called back"),
    "refused": _("When they do not"),
    "full": _("When the line is full or closed"),
    "key": _("When a waiting caller presses a key"),
    "failed": _("When it cannot connect"),
    "told": _("When something was told"),
}
NUMBERS: Mapping[str, tuple[Any, Any, int, int]] = {
    "repeats": (_("Told again so many times"), _("Before the ways below are taken."), 0, 9),
    "tries": (_("Tries"), "", 1, 9),
    "seconds": (_("Seconds to wait for a key"), "", 1, 60),
    "long_minutes": (_("Long is more than so many minutes"), "", 0, 1440),
}
SWITCHES: Mapping[str, tuple[Any, Any]] = {
    "barge_in": (_("A key stops it"), _("Callers who know the menu need not listen to the end.")),
    "tell": (_("Say when it opens again"), ""),
    "ask_known": (_("Ask even when the caller's language is known"), ""),
}
ON_TELEPHONE = "1234567890*#"
NAMES = {"*": "star", "#": "hash"}


@dataclass(frozen=True, slots=True)
class Around:
    """What the choices of a step are."""

    steps: Sequence[tuple[str, Any]]
    prompts: Sequence[tuple[str, Any]]
    queues: Sequence[tuple[str, Any]]
    calendars: Sequence[tuple[str, Any]]
    services: Sequence[tuple[str, Any]]
    numbers: Sequence[tuple[str, Any]]


def around(flow: Flow) -> Around:
    """The choices of now."""
    return Around(
        steps=[(key, f"{key}: {kind_label(kind_of(node))}") for key, node in flow.nodes.items()],
        prompts=[(key, key) for key in sorted(selectors.prompts_now())],
        queues=[(row.code, pages.text_of(row.name)) for row in routing.list_queues()],
        calendars=[(row.code, pages.text_of(row.name)) for row in intake.list_calendars()],
        services=[(row.code, pages.text_of(row.name)) for row in intake.list_services(questions=False)],
        numbers=[
            (row.number, f"{row.name}, {in_groups(row.number)}") for row in selectors.list_outside_numbers()
        ],
    )


class StepForm(PageForm):
    """One step. `node()` gives it back as the engine knows it."""

    def __init__(self, data: Any, *, flow: Flow, node: Node) -> None:
        self.kind, self.flow, self.was = type(node), flow, node
        super().__init__(data, initial=_initial(node))
        choices = around(flow)
        for one in fields(node):
            self.fields.update(_fields(one.name, node, choices, flow))

    def node(self) -> Node:
        """The step as it was filled in."""
        return self.kind(**{one.name: self._value(one.name) for one in fields(self.was)})

    def _value(self, name: str) -> Any:
        data = self.cleaned_data
        if name == "choices":
            return self._choices()
        if name == "services":
            return tuple(data["services"])
        if name == "target" and self.kind is nodes.Transfer:
            return data["target_queue"] if data["to"] == "queue" else data["target_number"]
        value = data[name]
        return value if value is not None else 0

    def _choices(self) -> tuple[Any, ...]:
        data = self.cleaned_data
        if self.kind is nodes.Language:
            return tuple(
                nodes.LanguageChoice(digit, language)
                for language in self.flow.languages
                if (digit := data.get(f"language_{language}"))
            )
        return tuple(
            nodes.Choice(
                key, data[f"key_{NAMES.get(key, key)}_next"], data[f"key_{NAMES.get(key, key)}_service"]
            )
            for key in ON_TELEPHONE
            if data.get(f"key_{NAMES.get(key, key)}_next")
        )


def sections(form: StepForm) -> list[editing.Section]:
    """The parts of the form: what is said and asked, the keys, where it leads."""
    ways = [way.name for way in exits(form.was) if not way.name.startswith("digit:")]
    keys = [name for name in form.fields if name.startswith(("key_", "language_"))]
    rest = [name for name in form.fields if name not in {*ways, *keys}]
    found = []
    if rest:
        found.append(editing.Section(_("What happens"), rest))
    if keys:
        found.append(editing.Section(_("Keys"), keys, table=True))
    if ways:
        found.append(editing.Section(_("Where it leads"), ways, table=True))
    return found or [editing.Section(_("What happens"), [])]


class Chosen(forms.ChoiceField):
    """One of several, of which the empty one says in words what it means."""

    def validate(self, value: Any) -> None:
        """Whatever is among the choices is right."""
        if value and not self.valid_value(value):
            raise forms.ValidationError(_("This choice is gone. Choose another one."), code="gone")


def _choice(label: Any, choices: Sequence[tuple[str, Any]], empty: Any, hint: Any = "") -> forms.ChoiceField:
    return Chosen(label=label, choices=[("", empty), *choices], help_text=hint)


def _fields(name: str, node: Node, choices: Around, flow: Flow) -> Mapping[str, forms.Field]:
    """The form fields of one field of a step."""
    if name in WAYS and any(way.name == name for way in exits(node)):
        return {name: _choice(WAYS[name], choices.steps, _("Nowhere"))}
    if name in NUMBERS:
        label, hint, least, most = NUMBERS[name]
        longest = isinstance(node, nodes.Voicemail) and name == "seconds"
        label = _("Longest message, in seconds") if longest else label
        return {name: whole(label, hint, least=least, most=600 if longest else most)}
    if name in SWITCHES:
        label, hint = SWITCHES[name]
        return {name: forms.BooleanField(label=label, help_text=hint, required=False)}
    if name == "choices":
        return _language_fields(flow) if isinstance(node, nodes.Language) else _key_fields(choices)
    found: Mapping[str, forms.Field] = _SIMPLE[name](choices)
    return found


def _key_fields(choices: Around) -> dict[str, forms.Field]:
    found: dict[str, forms.Field] = {}
    for key in ON_TELEPHONE:
        name = NAMES.get(key, key)
        found[f"key_{name}_next"] = _choice(
            _("Key %(key)s leads to") % {"key": key}, choices.steps, _("Not a choice")
        )
        about = _("Key %(key)s is about") % {"key": key}
        found[f"key_{name}_service"] = _choice(about, choices.services, _("No service"))
    return found


def _language_fields(flow: Flow) -> dict[str, forms.Field]:
    names = dict(settings.LANGUAGES)
    digits = [(digit, digit) for digit in "1234567890"]
    return {
        f"language_{language}": _choice(
            _("Key for %(language)s") % {"language": names.get(language, language)}, digits, _("Not offered")
        )
        for language in flow.languages
    }


def _prompt(choices: Around, label: Any) -> forms.ChoiceField:
    return _choice(
        label, choices.prompts, _("Nothing"), _("Prompts are written and recorded on their own page.")
    )


_SIMPLE: Mapping[str, Any] = {
    "prompt": lambda choices: {"prompt": _prompt(choices, _("What is said"))},
    "pin_prompt": lambda choices: {"pin_prompt": _prompt(choices, _("How the PIN is asked for"))},
    "queue": lambda choices: {"queue": _choice(_("Queue"), choices.queues, _("Choose a queue"))},
    "calendar": lambda choices: {
        "calendar": _choice(_("Opening hours"), choices.calendars, _("Choose hours"))
    },
    "service": lambda choices: {
        "service": _choice(_("About the service"), choices.services, _("What the caller chose before"))
    },
    "services": lambda choices: {
        "services": forms.MultipleChoiceField(
            label=_("Only messages about"),
            choices=choices.services,
            required=False,
            widget=forms.CheckboxSelectMultiple,
            help_text=_("None chosen: every message."),
        )
    },
    "to": lambda _choices: {
        "to": forms.ChoiceField(
            label=_("Connect with"),
            choices=[("queue", _("A queue")), ("number", _("An outside number"))],
            widget=forms.RadioSelect,
        )
    },
    "target": lambda choices: {
        "target_queue": _choice(_("Queue"), choices.queues, _("None")),
        "target_number": _choice(_("Outside number"), choices.numbers, _("None")),
    },
}


def _initial(node: Node) -> dict[str, Any]:
    found: dict[str, Any] = {one.name: getattr(node, one.name) for one in fields(node)}
    for one in getattr(node, "choices", ()):
        if isinstance(one, nodes.LanguageChoice):
            found[f"language_{one.language}"] = one.digit
        else:
            name = NAMES.get(one.digit, one.digit)
            found |= {f"key_{name}_next": one.next, f"key_{name}_service": one.service}
    if isinstance(node, nodes.Transfer):
        found[f"target_{node.to}"] = node.target
    found["services"] = list(getattr(node, "services", ()))
    return found
