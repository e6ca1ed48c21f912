"""The variables of canned texts, and the small renderer that fills them in.

`{{resident.name}}`, or with words for when it is not known: `{{resident.name|neighbour}}`. Nothing else is understood:
no expressions, no attributes, no calls. A value is put in as it is, in one pass, so that a name which looks like
a variable stays a name; the page that shows the text escapes it as any other text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

VARIABLES: dict[str, tuple[Promise, Promise]] = {
    "resident.name": (_("The resident's name"), _("Samira Haddad")),
    "agent.name": (_("Your name"), _("Mo Adeyemi")),
    "case.reference": (_("The reference of the case"), _("SM-4K7-291")),
    "contact.reference": (_("The reference of this contact"), _("SM-7Q2-08D")),
    "queue.name": (_("The name of the queue"), _("Housing")),
    "service.name": (_("The name of the service"), _("Report a repair")),
    "town.name": (_("The name of the public body"), _("Saltmere")),
}
"""What may stand between the braces: what it is, and an example for the preview."""

_PLACE = re.compile(r"([ \t]?)\{\{\s*([^{}|]*?)\s*(?:\|([^{}]*))?\}\}")
_BRACES = re.compile(r"\{\{|\}\}")


@dataclass(frozen=True, slots=True)
class Filled:
    """A text ready to be sent, and the variables for which there was neither a value nor a word in its place."""

    text: str
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Faults:
    """What is wrong with a text: variables we do not know, and whether braces are left open."""

    unknown: tuple[str, ...]
    open_braces: bool


def variables_in(text: str) -> Iterator[str]:
    """The names between braces, in order, known or not."""
    return (match[2] for match in _PLACE.finditer(text))


def find_faults(text: str) -> Faults:
    """The faults of a text; each unknown variable once, in order."""
    unknown = tuple(dict.fromkeys(name for name in variables_in(text) if name not in VARIABLES))
    return Faults(unknown, _BRACES.search(_PLACE.sub("", text)) is not None)


def fill(text: str, values: Mapping[str, str]) -> Filled:
    """The text with its variables replaced. A value that is not known leaves nothing, and is named in `missing`.

    The blank before it goes with it: "Hello {{resident.name}}," becomes "Hello,".
    An unknown variable stays as it stands, and is named too: nobody sends braces unaware.
    """
    missing: list[str] = []

    def value(match: re.Match[str]) -> str:
        blank, name, otherwise = match.groups()
        if name in VARIABLES and values.get(name):
            return f"{blank}{values[name]}"
        if name in VARIABLES and otherwise is not None:
            return f"{blank}{otherwise.strip()}"
        missing.append(name)
        return "" if name in VARIABLES else match[0]

    filled = _PLACE.sub(value, text)
    return Filled(filled, tuple(dict.fromkeys(missing)))


def examples() -> dict[str, str]:
    """A value for each variable, for the preview."""
    return {name: str(example) for name, (_words, example) in VARIABLES.items()}
