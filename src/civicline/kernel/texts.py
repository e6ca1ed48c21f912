"""Texts that a body writes itself, kept as {language: text}; and several of them in a row."""

from collections.abc import Iterable, Mapping

from django.utils.translation import get_language

_COMMAS = {"ar": "، "}
_SEMICOLONS = {"ar": "؛ "}


def comma(language: str = "") -> str:
    """What stands between two things of a list in a language, else in the active one."""
    spoken = language or get_language() or "en"
    return _COMMAS.get(spoken.lower().replace("_", "-").split("-")[0], ", ")


def in_a_row(texts: Iterable[object], *, apart: bool = False) -> str:
    """Several texts with the commas of the active language between them; `apart`: with semicolons."""
    between = _SEMICOLONS.get((get_language() or "en").split("-")[0], "; ") if apart else comma()
    return between.join(map(str, texts))


def localized(texts: Mapping[str, str], language: str) -> str:
    """The text in `language`, else its base language ("pt" for "pt-br"), else English, else any that is not empty.

    Returns "" when there is none. Language tags are compared without regard to case and with "_" as "-".
    """
    known = {tag.lower().replace("_", "-"): text for tag, text in texts.items() if text}
    asked = language.lower().replace("_", "-")
    for tag in (asked, asked.split("-")[0], "en"):
        if tag in known:
            return known[tag]
    relatives = (text for tag, text in known.items() if tag.split("-")[0] == asked.split("-")[0])
    return next(relatives, next(iter(known.values()), ""))
