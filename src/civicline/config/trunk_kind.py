"""A kind of setting: lines to the telephone network."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from civicline.config.kinds import networks

NAME = re.compile(r"[a-z][a-z0-9-]{0,30}")
SAFE = re.compile(r"[^\s;\[\]\\]*")


@dataclass(frozen=True)
class Trunk:
    """One line. `host`: name or address, with a port where it is not 5060; `source`: networks that calls come from.

    With `user` it signs in at the provider; without, both know each other by address.
    """

    id: str
    host: str
    source: tuple[str, ...] = ()
    user: str = ""
    password: str = ""


def trunks(value: object) -> tuple[Trunk, ...]:
    """Lines to the telephone network: TOML tables, or the same as JSON in the environment."""
    if isinstance(value, str):
        try:
            value = json.loads(value or "[]")
        except ValueError:
            raise ValueError("must be a JSON list of lines when it is given by the environment") from None
    if not isinstance(value, Sequence):
        raise ValueError("must be a list of tables, each written as [[voice.trunks]]")  # noqa: TRY004 -- a wrong value
    found = tuple(_trunk(item) for item in value)
    if len({one.id for one in found}) < len(found):
        raise ValueError("needs a different id for each line")
    return found


def _trunk(item: object) -> Trunk:
    if not isinstance(item, Mapping):
        raise ValueError("must be a list of tables, each written as [[voice.trunks]]")  # noqa: TRY004 -- a wrong value
    strange = sorted(set(item) - {"id", "host", "from", "user", "password"})
    if strange:
        raise ValueError(f"does not know {strange[0]!r}; a line has id, host, from, user, password")
    name, host = str(item.get("id", "")), str(item.get("host", ""))
    if not NAME.fullmatch(name) or not host:
        raise ValueError("needs id (small letters, digits, hyphens) and host for each line")
    texts = (host, str(item.get("user", "")), str(item.get("password", "")))
    if not all(SAFE.fullmatch(text) for text in texts):
        raise ValueError("takes no spaces, semicolons, brackets or backslashes in host, user and password")
    return Trunk(name, host, networks(item.get("from", ())), texts[1], texts[2])
