"""Structured logs with fields; secrets, tokens and e-mail addresses never get in (`config.logs` sets the form).

log = get_logger(__name__)
with bound(contact_id=contact.id):
    log.info("offer.made", agent=agent_id)
"""

import re
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import lru_cache
from typing import Any, cast

import structlog

HIDDEN = "[hidden]"
STEPS = "steps"
"""A record's list of fields that become a line each, `event` among them: what our own code made of names and numbers,
with nothing in it that would have to be hidden. A line costs a fifth of what it does on its own."""
_SECRET_NAMES = re.compile(
    r"(pass(word|wd)?|secret|token|api_?key|authorization|cookie|session(_?key|_?id)?|csrf|otp|credential|dsn)",
    re.I,
)
_PERSONAL_NAMES = re.compile(r"^(e?mail|phone|telephone|mobile|address|body|text|description|payload)$", re.I)
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_SECRET_IN_TEXT = re.compile(
    r"(?i)\b(bearer\s+|(?:password|secret|token|api_?key|sessionid|csrftoken)[\"']?\s*[=:]\s*[\"']?)[^\s\"'&,;}]+"
)
# Links that open something carry their secret as a part of the address: 24 signs or more of both cases, or the 26 signs
# that people can type, whole or in groups. Nothing else of ours looks so.
_SECRET_IN_ADDRESS = re.compile(
    r"(?<=/)(?:(?=[\w-]*[A-Z])(?=[\w-]*[a-z])[\w-]{24,}"
    r"|[0-9a-hjkmnp-tv-z]{26}|[0-9a-hjkmnp-tv-z]{5}(?:-[0-9a-hjkmnp-tv-z]{4,5}){5})(?![\w-])"
)
_URL_PASSWORD = re.compile(r"(://[^/\s:@]*:)[^@/\s]+@")


def redact(value: Any) -> Any:
    """`value` without secrets, tokens and e-mail addresses, at any depth."""
    if isinstance(value, str):
        return _clean_text(value)
    if isinstance(value, Mapping):
        return {key: HIDDEN if _hides(str(key)) and item else redact(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [redact(item) for item in value]
    if value is None or isinstance(value, (bool, int, float)):
        return value
    return redact(str(value))


def _clean_text(text: str) -> str:
    # Most texts are names and numbers without any of these signs, and each step of a contact's way is a line.
    if "/" in text:
        text = _SECRET_IN_ADDRESS.sub(HIDDEN, _URL_PASSWORD.sub(rf"\1{HIDDEN}@", text))
    if "=" in text or ":" in text or "bearer" in text.lower():
        text = _SECRET_IN_TEXT.sub(rf"\1{HIDDEN}", text)
    return _EMAIL.sub(HIDDEN, text) if "@" in text else text


@lru_cache(maxsize=1024)
def _hides(name: str) -> bool:
    return bool(_SECRET_NAMES.search(name) or _PERSONAL_NAMES.match(name))


def redacting(_logger: Any, _method: str, entry: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Structlog processor: stands last before the renderer, after the traceback has become text."""
    kept = {name: entry.pop(name) for name in ("_record", "_from_structlog", "exc_info") if name in entry}
    clean = cast("dict[str, Any]", redact(entry))
    clean.update(kept)
    return clean


def get_logger(name: str) -> structlog.stdlib.BoundLogger:
    """A logger that takes fields: `log.info("what.happened", contact_id=...)`."""
    logger: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(name)
    return logger


def bind(**fields: Any) -> None:
    """Put fields on all further log lines of this request or task."""
    structlog.contextvars.bind_contextvars(**{name: str(value) for name, value in fields.items()})


@contextmanager
def bound(**fields: Any) -> Iterator[None]:
    """The same for a block."""
    with structlog.contextvars.bound_contextvars(**{name: str(value) for name, value in fields.items()}):
        yield


def about(contact_id: object) -> AbstractContextManager[None]:
    """`bound` to one contact for a block; nothing is bound when there is none."""
    return bound(contact_id=contact_id) if contact_id else nullcontext()


def clear() -> None:
    """Forget all bound fields: at the start of each request."""
    structlog.contextvars.clear_contextvars()
