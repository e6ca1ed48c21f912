"""What a setting may hold: each kind turns what was written into a typed value, or says what is wrong.

A kind is a function from the written value (text from the environment, any TOML value from the file) to the
typed value. It raises `ValueError` with the end of a sentence that begins with the name of the setting.
"""
# ruff: noqa: TRY004 -- a wrong type in a configuration file is a wrong value to the person who wrote it

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_network
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

Kind = Callable[[object], object]


@dataclass(frozen=True)
class OidcProvider:
    """One identity provider that staff may sign in with (OpenID Connect)."""

    id: str
    name: str
    server_url: str
    client_id: str
    client_secret: str


def text(value: object) -> str:
    """Any single piece of text."""
    if not isinstance(value, str):
        raise ValueError(f"must be text in quotes, not {value!r}")
    return value.strip()


def folder(value: object) -> Path:
    """A folder; `~` is the home folder, and a relative path starts where the command runs."""
    return Path(text(value)).expanduser()


def flag(value: object) -> bool:
    """Yes or no."""
    if isinstance(value, bool):
        return value
    words = {
        "true": True,
        "yes": True,
        "on": True,
        "1": True,
        "false": False,
        "no": False,
        "off": False,
        "0": False,
    }
    answer = words.get(str(value).strip().lower())
    if answer is None:
        raise ValueError(f"must be true or false, not {value!r}")
    return answer


def whole(least: int, most: int) -> Kind:
    """A whole number between `least` and `most`, both included."""

    def read(value: object) -> int:
        wrong = ValueError(f"must be a whole number from {least} to {most}, not {value!r}")
        if isinstance(value, bool) or not isinstance(value, int | str):
            raise wrong
        try:
            number = int(value)
        except ValueError:
            raise wrong from None
        if not least <= number <= most:
            raise wrong
        return number

    return read


def choice(*options: str) -> Kind:
    """One of a few words."""

    def read(value: object) -> str:
        word = text(value)
        if word not in options:
            raise ValueError(f"must be one of {', '.join(options)}, not {word!r}")
        return word

    return read


def _items(value: object) -> list[str]:
    if isinstance(value, str):
        return [item for item in (part.strip() for part in value.split(",")) if item]
    if isinstance(value, Sequence) and all(isinstance(item, str) for item in value):
        return [item.strip() for item in value if item.strip()]
    raise ValueError(f'must be a list of texts such as ["a", "b"], not {value!r}')


def words(value: object) -> tuple[str, ...]:
    """Several texts: a TOML list, or one text with commas."""
    return tuple(_items(value))


def some_of(*options: str) -> Kind:
    """At least one of a few words, in order of preference."""

    def read(value: object) -> tuple[str, ...]:
        chosen = tuple(dict.fromkeys(_items(value)))
        strange = [word for word in chosen if word not in options]
        if strange:
            raise ValueError(f"knows {', '.join(options)}, but not {strange[0]!r}")
        if not chosen:
            raise ValueError(f"needs at least one of {', '.join(options)}")
        return chosen

    return read


def origins(value: object) -> tuple[str, ...]:
    """Web origins: scheme and host, without a path."""
    for item in _items(value):
        parts = urlsplit(item)
        if parts.scheme not in {"http", "https"} or not parts.netloc or parts.path not in {"", "/"}:
            raise ValueError(f"takes origins such as https://www.example.org, not {item!r}")
    return tuple(item.rstrip("/") for item in _items(value))


def networks(value: object) -> tuple[str, ...]:
    """IP addresses or networks."""
    for item in _items(value):
        try:
            ip_network(item, strict=False)
        except ValueError:
            raise ValueError(
                f"takes addresses such as 10.0.0.5 or networks such as 10.0.0.0/8, not {item!r}"
            ) from None
    return tuple(_items(value))


def url(*schemes: str) -> Kind:
    """One absolute URL with one of the schemes; empty means "not set"."""

    def read(value: object) -> str:
        address = text(value)
        try:
            parts = urlsplit(address)
            known = (
                parts.scheme in schemes
                and (bool(parts.netloc) or parts.scheme == "sqlite")
                and parts.port != 0
            )
        except ValueError:
            known = False
        if address and not known:
            raise ValueError(
                f"must begin with {' or '.join(f'{scheme}://' for scheme in schemes)}, not {address!r}"
            )
        return address.rstrip("/") if schemes[0].startswith("http") else address

    return read


def zone(value: object) -> str:
    """A time zone of the IANA database."""
    name = text(value)
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError(f"must be a time zone such as Europe/London, not {name!r}") from None
    return name


def prefix(value: object) -> str:
    """Two to four letters that begin every reference."""
    letters = text(value).upper()
    if not (2 <= len(letters) <= 4 and letters.isascii() and letters.isalpha()):
        raise ValueError(f"must be two to four letters A-Z such as SM, not {letters!r}")
    return letters


def secret(value: object) -> str:
    """A long random text; empty means "make one"."""
    key = text(value)
    if key and len(key) < 32:
        raise ValueError("must have 32 characters or more; leave it out and Civicline makes one and keeps it")
    return key


def providers(value: object) -> tuple[OidcProvider, ...]:
    """Identity providers: TOML tables, or the same as JSON in the environment."""
    if isinstance(value, str):
        try:
            value = json.loads(value or "[]")
        except ValueError:
            raise ValueError("must be a JSON list of providers when it is given by the environment") from None
    if not isinstance(value, Sequence):
        raise ValueError("must be a list of tables, each written as [[oidc]]")
    return tuple(_provider(item) for item in value)


def _provider(item: object) -> OidcProvider:
    names = ("id", "name", "server_url", "client_id", "client_secret")
    if not isinstance(item, Mapping):
        raise ValueError("must be a list of tables, each written as [[oidc]]")
    missing = [name for name in names if not isinstance(item.get(name), str) or not item[name]]
    if missing:
        raise ValueError(f"needs {missing[0]} for each provider")
    strange = sorted(set(item) - set(names))
    if strange:
        raise ValueError(f"does not know {strange[0]!r}; a provider has {', '.join(names)}")
    if urlsplit(str(item["server_url"])).scheme not in {"https", "http"}:
        raise ValueError(f"needs a server_url that begins with https://, not {item['server_url']!r}")
    return OidcProvider(**{name: str(item[name]) for name in names})
