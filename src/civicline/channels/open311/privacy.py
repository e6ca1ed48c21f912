"""What may be published of a resident's own words: no address to write to, no number to call, not their name.

Removing is deliberately eager. A house number that falls victim costs little; a telephone number that is shown to
the world cannot be taken back.
"""

import re
from collections.abc import Iterable

import phonenumbers
from django.utils.translation import gettext as _

_EMAIL = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+")
_DIGITS = re.compile(r"(?<![\w.])\+?\(?\d[\d ()./-]{5,20}\d(?!\w)")
_DATE = re.compile(r"\d{4}-\d\d-\d\d|\d{1,2}[./]\d{1,2}[./]\d{2,4}")
SHORTEST_NUMBER = 7  # digits: shorter ones are house numbers, sizes and years
_LINK = re.compile(r"https?://\S+")


def published(text: str, *, country: str, names: Iterable[str] = ()) -> str:
    """Return `text` without email addresses, telephone numbers (read as in `country`) and the given names."""
    kept = _EMAIL.sub(lambda _match: _("[email removed]"), text)
    kept = _without_numbers(kept, country)
    for name in sorted(set(names), key=len, reverse=True):
        if len(name) > 1:
            pattern = rf"(?<!\w){re.escape(name)}(?!\w)"
            kept = re.sub(pattern, lambda _match: _("[name removed]"), kept, flags=re.IGNORECASE)
    return kept


def _without_numbers(text: str, country: str) -> str:
    if _digits(text) < SHORTEST_NUMBER:
        return text
    links = [match.span() for match in _LINK.finditer(text)]
    spans = [match.span() for match in _DIGITS.finditer(text) if _could_be_called(match[0])]
    matcher = phonenumbers.PhoneNumberMatcher(text, country or None, leniency=phonenumbers.Leniency.POSSIBLE)
    spans += [(match.start, match.end) for match in matcher if _could_be_called(match.raw_string)]
    kept, at = [], 0
    for start, end in sorted(spans):
        if start < at or any(first <= start < last for first, last in links):
            continue
        kept += [text[at:start], _("[number removed]")]
        at = end
    return "".join([*kept, text[at:]])


def _could_be_called(text: str) -> bool:
    return SHORTEST_NUMBER <= _digits(text) <= 15 and not _DATE.search(text)


def _digits(text: str) -> int:
    return sum(sign.isdigit() for sign in text)
