"""What the database says after a storm, read straight from its file or server: no code of ours in between."""

from __future__ import annotations

import contextlib
import json
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.integration.chaos.load import Sent
from tests.servers import wait_until

Rows = list[tuple[Any, ...]]
Ask = Callable[[str], Rows]
LIVE = ("received", "queued", "offered", "connected", "wrap_up", "parked")


@contextlib.contextmanager
def sqlite_ledger(file: Path, *, snapshot: bool = False) -> Iterator[Ask]:
    """Ask the embedded database, read only. `snapshot`: all answers are of one moment."""
    address = f"file:{file}?mode=ro"
    with contextlib.closing(
        sqlite3.connect(address, uri=True, timeout=20, isolation_level=None)
    ) as connection:
        if snapshot:
            connection.execute("BEGIN")
        yield lambda question: list(connection.execute(question))


@contextlib.contextmanager
def postgresql_ledger(url: str, *, snapshot: bool = False) -> Iterator[Ask]:
    """Ask a PostgreSQL database. `snapshot`: all answers are of one moment."""
    import psycopg

    with psycopg.connect(url, autocommit=not snapshot) as connection:
        if snapshot:
            connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        yield lambda question: list(connection.execute(question.encode()).fetchall())


@dataclass
class Promised:
    """What had been acknowledged when this copy was taken: before the database is asked, never after."""

    reports: dict[str, str]
    chats: set[str]
    replies: set[str]

    @classmethod
    def by_now(cls, sent: Sent) -> Promised:
        return cls(dict(sent.reports), set(sent.chats), set(sent.replies))


def mine(ask: Ask) -> dict[str, tuple[str, str]]:
    """The storm's contacts: {contact id: (state, device id or words of the chat)}."""
    found = {}
    for contact_id, state, channel, data in ask("SELECT id, state, channel, data FROM intake_contact"):
        held = json.loads(data) if isinstance(data, str) else data
        if str(held.get("device_id", "")).startswith("chaos-"):
            found[plain(contact_id)] = (state, str(held["device_id"]))
        elif channel == "chat":
            found[plain(contact_id)] = (state, "")
    return found


def plain(value: object) -> str:
    """An id as both databases can be compared by: 32 hexadecimal digits."""
    return str(value).replace("-", "")


def open_of(ask: Ask, sent: Promised) -> list[str]:
    """The storm's contacts that nobody has finished yet."""
    known = {plain(contact) for contact in sent.chats}
    return [
        state
        for contact, (state, device) in mine(ask).items()
        if (device or contact in known) and state in LIVE
    ]


def check_now(ask: Ask, sent: Promised) -> None:
    """What has to hold at every moment, also in the middle of the storm."""
    every_acknowledged_contact_exists_once(ask, sent)
    nothing_is_in_two_hands(ask)
    the_log_has_no_gap(ask)


def every_acknowledged_contact_exists_once(ask: Ask, sent: Promised) -> None:
    devices = Counter(device for _state, device in mine(ask).values() if device)
    contacts = {plain(row[0]) for row in ask("SELECT id FROM intake_contact")}
    references = {row[0] for row in ask("SELECT reference FROM cases_case")}
    lost = [
        device
        for device, reference in sent.reports.items()
        if not devices[device] or reference not in references
    ]
    assert lost == []
    assert [device for device, times in devices.items() if times > 1] == []
    assert {plain(chat) for chat in sent.chats} - contacts == set()


def nothing_is_in_two_hands(ask: Ask) -> None:
    """One open offer at most, and none for a contact that somebody holds; each hand by one accepted offer only."""
    open_offers = [plain(row[0]) for row in ask("SELECT contact_id FROM routing_offer WHERE state = 'open'")]
    assert [contact for contact, times in Counter(open_offers).items() if times > 1] == []
    held = {
        plain(row[0]) for row in ask("SELECT id FROM intake_contact WHERE state IN ('connected', 'wrap_up')")
    }
    assert held & set(open_offers) == set()
    accepted = "SELECT contact_id, count(*) FROM routing_offer WHERE state = 'accepted' GROUP BY 1 HAVING count(*) > 1"
    returned = {
        plain(row[0])
        for row in ask(
            "SELECT contact_id FROM kernel_event WHERE name IN ('contact.returned_to_queue', 'contact.transferred')"
        )
    }
    assert [row for row in ask(accepted) if plain(row[0]) not in returned] == []


def the_log_has_no_gap(ask: Ask) -> None:
    """The places in the log are 1 to N. Rows may still wait for theirs, and the relay gives it later."""
    ((count, lowest, highest),) = ask("SELECT count(seq), min(seq), max(seq) FROM kernel_event")
    assert (lowest, highest) == (1, count)


def check_at_the_end(ask: Ask, sent: Promised) -> None:
    """What has to hold when all is quiet."""
    check_now(ask, sent)
    assert open_of(ask, sent) == []
    # The house goes on living (presence, alarms): what has happened by now gets its place, whatever comes after.
    ((newest,),) = ask("SELECT max(id) FROM kernel_event")
    wait_until(
        lambda: ask(f"SELECT count(*) FROM kernel_event WHERE seq IS NULL AND id <= {int(newest)}") == [(0,)],  # noqa: S608 -- a number
        what="every event up to now has its place in the log",
    )
    every_life_is_whole(ask, sent)
    everything_was_delivered(ask, sent)
    nothing_was_given_up(ask)


def every_life_is_whole(ask: Ask, sent: Promised) -> None:
    """Each contact of the storm was received, accepted and closed once each, by the log."""
    known = {plain(contact) for contact in sent.chats}
    ours = {contact for contact, (_state, device) in mine(ask).items() if device or contact in known}
    for name in ("contact.received", "contact.connected", "contact.closed"):
        times = Counter(
            plain(row[0])
            for row in ask(f"SELECT contact_id FROM kernel_event WHERE name = '{name}'")  # noqa: S608 -- our names
        )
        assert {contact for contact in ours if times[contact] < 1} == set(), name
        if name != "contact.connected":
            assert {contact for contact in ours if times[contact] > 1} == set(), name


def everything_was_delivered(ask: Ask, sent: Promised) -> None:
    states = Counter(row[0] for row in ask("SELECT state FROM intake_delivery WHERE channel = 'chat'"))
    assert set(states) <= {"sent", "delivered", "read"}, states
    replied = [
        plain(row[0])
        for row in ask(
            "SELECT contact_id FROM intake_message WHERE direction = 'out' AND body LIKE 'Hello from robot%'"
        )
    ]
    assert {plain(contact) for contact in sent.replies} <= set(replied)
    assert [contact for contact, times in Counter(replied).items() if times > 1] == []


def nothing_was_given_up(ask: Ask) -> None:
    for table, name in (("kernel_handlerrun", "handler"), ("kernel_job", "kind")):
        given_up = ask(f"SELECT {name}, error FROM {table} WHERE state = 'failed'")  # noqa: S608 -- ours
        assert given_up == [], given_up
