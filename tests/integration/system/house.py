"""A town in a small storm: a few robots at the desks, a steady trickle of residents, and what they are told."""

from __future__ import annotations

import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass
from typing import Any

from tests.integration.chaos import ledger, storm
from tests.integration.chaos.load import KEY, Crowd
from tests.servers import wait_until

PER_SECOND = 3.0
ROBOTS = storm.ROBOTS[:4]
SETTINGS = storm.SETTINGS | {"CIVICLINE_WORK_LEASE_SECONDS": "3"}
REPORT = {
    "api_key": KEY,
    "service_code": "missed-bin",
    "address_string": "1 Calm Street",
    "description": "The bin was not emptied",
    "attribute[bin]": "recycling",
}
INSIDE = ("Traceback", "OperationalError", "psycopg", "sqlite3", "DatabaseError", "redis.")


@dataclass(frozen=True)
class Told:
    """What a browser or an app was answered."""

    status: int
    retry_after: str
    body: str


def ask(url: str, fields: dict[str, str] | None = None) -> Told:
    """Fetch a page, or send a form."""
    data = urllib.parse.urlencode(fields).encode() if fields is not None else None
    request = urllib.request.Request(url, data=data)  # noqa: S310 -- our own server
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 -- our own server
            return Told(answer.status, "", answer.read().decode())
    except urllib.error.HTTPError as refused:
        with refused:
            return Told(refused.code, refused.headers.get("Retry-After", ""), refused.read().decode())


def is_calm_refusal(told: Told) -> bool:
    """503, when to come back, words for people or machines, and nothing of the inside."""
    return (
        told.status == 503
        and told.retry_after.isdigit()
        and len(told.body) > 40
        and not any(word in told.body for word in INSIDE)
    )


def at_work(people: Crowd, more: int = 5) -> None:
    """Wait until residents are answered and robots close: `more` of each from now on."""
    promised, closed = people.sent.promises, len(people.closed())
    wait_until(lambda: people.sent.promises >= promised + more, seconds=240, what="residents are answered")
    wait_until(lambda: len(people.closed()) >= closed + more, seconds=240, what="robots close contacts")


def judge(question: ledger.Ask, people: Crowd) -> None:
    """End of the day: nobody new; everybody has an answer, nothing is lost, stuck or doubled; nobody saw an error."""
    people.pause()
    storm.calm_after(question, people)
    assert people.sent.promises == len(people.sent.offered)
    assert set(people.sent.answers) <= {200, 201, 503}, people.sent.answers


def state_of(health: dict[str, Any], part: str) -> str:
    return str(health["checks"].get(part, "not told"))
