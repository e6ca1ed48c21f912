"""The parameters of a request as they came: decoded strictly, counted, and free of NUL bytes."""

from collections.abc import Iterable, Iterator
from urllib.parse import unquote_to_bytes

from django.utils.translation import gettext as _

from civicline.channels.open311.errors import Fault, refuse

MAX_FIELDS = 500
MAX_NAME = 200  # characters of a parameter's name


class Fields:
    """Parameters in order. An empty parameter is an absent one; faults are collected, not raised one by one."""

    def __init__(self, pairs: Iterable[tuple[str, str]]) -> None:
        self._values: dict[str, list[str]] = {}
        self.faults: list[Fault] = []
        for name, value in pairs:
            if value.strip():
                self._values.setdefault(name, []).append(value.strip())

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def wrong(self, description: str, code: int = 400) -> None:
        """Note one fault."""
        self.faults.append(Fault(code, description))

    def all(self, name: str) -> list[str]:
        """Return every value given under this name."""
        return self._values.get(name, [])

    def one(self, name: str, *, max_length: int = 300) -> str:
        """Return the value, or "" when absent. The same value twice is one; two different ones are a fault."""
        values = self._values.get(name, [])
        if not values:
            return ""
        if len(set(values)) > 1:
            self.wrong(_("%(name)s was given more than once, with different values.") % {"name": name})
        if len(values[0]) > max_length:
            self.wrong(
                _("%(name)s is too long: at most %(limit)s characters.")
                % {"name": name, "limit": f"{max_length:,}"}
            )
        return values[0]

    def listed(self, name: str) -> list[str]:
        """Return the entries of a comma list, also when the parameter was repeated; without repetitions."""
        entries = (entry.strip() for value in self.all(name) for entry in value.split(","))
        return list(dict.fromkeys(entry for entry in entries if entry))


def decode_pairs(raw: bytes, charset: str = "utf-8") -> list[tuple[str, str]]:
    """Return the pairs of a query string or an urlencoded body; raises a 400 for what cannot be read.

    Decoding is strict: a sign that arrived broken is told to the sender while they can still mend it, instead of
    being kept as a question mark for ever.
    """
    parts = [part for part in raw.split(b"&") if part]
    check_count(len(parts))
    pairs = []
    for part in parts:
        name, _eq, value = part.replace(b"+", b" ").partition(b"=")
        try:
            pairs.append((unquote_to_bytes(name).decode(charset), unquote_to_bytes(value).decode(charset)))
        except UnicodeDecodeError:
            raise refuse(
                400, _("The parameters are not valid %(charset)s text.") % {"charset": charset}
            ) from None
        except LookupError:
            raise refuse(
                400, _("The charset “%(charset)s” is not known.") % {"charset": charset[:40]}
            ) from None
    check_pairs(pairs)
    return pairs


def check_count(count: int) -> None:
    """Raise a 400 when a request has more parameters than any form of ours could have."""
    if count > MAX_FIELDS:
        raise refuse(
            400,
            _("The request has %(count)s parameters; at most %(limit)s are read.")
            % {"count": f"{count:,}", "limit": MAX_FIELDS},
        )


def check_pairs(pairs: Iterable[tuple[str, str]]) -> None:
    """Raise a 400 for NUL bytes and endless names: no honest client sends them, and databases refuse them."""
    for name, value in pairs:
        if len(name) > MAX_NAME:
            raise refuse(
                400, _("A parameter's name is longer than %(limit)s characters.") % {"limit": MAX_NAME}
            )
        if "\x00" in name or "\x00" in value:
            shown = name.replace("\x00", "")
            raise refuse(400, _("%(name)s contains a NUL byte. Remove it and send again.") % {"name": shown})
