"""What may be published of a resident's own words: no address to write to, no number to call, not their name.

Removing is deliberately eager. A house number that falls victim costs little; a telephone number that is shown to
the world cannot be taken back.
"""

import re
from collections.abc import Iterable

from django.utils.translation import gettext as _

_EMAIL = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+")
# Seven digits or more in any script, with up to three signs of punctuation between two of them. Shorter ones are
# house numbers, sizes and years.
_NUMBER = re.compile(r"(?<![\w.])\+?\(?\d(?:[ \t\u00a0\u2011\u2013()./-]{0,3}\d){6,}(?!\w)")
_DATE_OR_LINK = re.compile(
    r"(?<![\d./-])(?:\d{4}-\d\d-\d\d|\d{1,2}[./]\d{1,2}[./](?:\d{4}|\d\d))(?![./-]?\d)|https?://[^\s<>\"]+"
)


def published(text: str, *, names: Iterable[str] = ()) -> str:
    """Return `text` without email addresses, telephone numbers and the given names. Dates and links stay."""
    kept = _without_numbers(_EMAIL.sub(lambda _match: _("[email removed]"), text))
    for name in sorted(set(names), key=len, reverse=True):
        if len(name) > 1:
            pattern = rf"(?<!\w){re.escape(name)}(?!\w)"
            kept = re.sub(pattern, lambda _match: _("[name removed]"), kept, flags=re.IGNORECASE)
    return kept


def _without_numbers(text: str) -> str:
    pieces, at = [], 0
    for match in _DATE_OR_LINK.finditer(text):
        pieces += [_NUMBER.sub(_number_removed, text[at : match.start()]), match[0]]
        at = match.end()
    return "".join([*pieces, _NUMBER.sub(_number_removed, text[at:])])


def _number_removed(_match: re.Match[str]) -> str:
    return _("[number removed]")
