"""Texts that a body writes itself, kept as {language: text}."""

from collections.abc import Mapping


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
