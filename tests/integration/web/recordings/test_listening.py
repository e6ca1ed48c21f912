"""Who hears what, why, and what is written down of it."""

from __future__ import annotations

import io
import math
import struct
import wave
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from civicline.channels.voice import services
from civicline.channels.voice.models import Call, Recording
from civicline.channels.voice.recordings import files
from civicline.intake.models import Contact
from civicline.kernel import selectors as kernel
from civicline.people import services as people
from civicline.people.roles import Role
from civicline.people.selectors import get_user
from tests.town import Town

pytestmark = pytest.mark.django_db(transaction=True)
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
WORDS = {"why": "complaint", "note": "by the caller"}


@pytest.fixture(autouse=True)
def _var(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(settings, "CIVICLINE", replace(settings.CIVICLINE, var=tmp_path))
    files.spool().mkdir(parents=True)
    yield


def signed_in(role: Role, email: str = "") -> Client:
    user: Any = people.create_staff(email=email or f"{role}@saltmere.example", name=str(role), roles=[role])
    client = Client()
    client.force_login(user, backend=BACKEND)
    return client


def tone(seconds: float) -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        values = (int(9_000 * math.sin(at / 3)) for at in range(int(8000 * seconds)))
        file.writeframes(b"".join(struct.pack("<h", value) for value in values))
    return out.getvalue()


@pytest.fixture
def recorded(town: Town) -> Callable[..., Recording]:
    """A call of the line council-tax that was recorded."""
    count = iter(range(1, 1000))

    def make(agent: UUID | None = None, seconds: float = 2) -> Recording:
        raw = {"channel": f"1.{next(count)}", "number": "+442079460123", "service_code": "council-tax"}
        arrived = services.arrive(raw=raw, in_line=True)
        if agent is not None:
            Contact.objects.filter(pk=arrived.contact_id).update(agent_id=agent)
        name = f"{arrived.call_id.hex}-1"
        services.recording_started(call_id=arrived.call_id, name=name)
        town.clock.advance(seconds)
        files.plain_of(name).write_bytes(tone(seconds))
        services.keep_recording(spool=files.spool(), name=name)
        services.caller_gone(call_id=arrived.call_id)
        return Recording.objects.get(name=name)

    return make


def body(response: Any) -> bytes:
    return b"".join(response.streaming_content)


def audited(recording: Recording) -> list[tuple[str, str]]:
    rows = kernel.history("recording", recording.pk).order_by("pk")
    return [(row.action, row.reason) for row in rows]


def test_a_recording_is_heard_after_a_reason_and_each_play_is_written_down(
    recorded: Callable[..., Recording],
) -> None:
    one = recorded()
    client, page = signed_in(Role.SUPERVISOR), f"/recordings/{one.pk}/"
    assert client.get(f"{page}sound").status_code == 403
    assert b"Why do you want to hear this?" in client.get(page).content
    assert client.post(f"{page}open", {"why": "curiosity"}).status_code == 422
    assert client.post(f"{page}open", WORDS).status_code == 302
    shown = client.get(page).content.decode()
    assert f'src="/recordings/{one.pk}/sound"' in shown
    assert "The call came" in shown
    assert "Download" not in shown
    whole = client.get(f"{page}sound")
    assert (whole.status_code, body(whole)) == (200, tone(2))
    assert whole.headers["Cache-Control"] == "private, no-store"
    assert audited(one) == [
        ("recording.opened", "complaint: by the caller"),
        ("recording.played", "complaint: by the caller"),
    ]


def test_players_get_the_parts_that_they_ask_for(recorded: Callable[..., Recording]) -> None:
    one = recorded(seconds=9)
    client, page, content = signed_in(Role.AUDITOR), f"/recordings/{one.pk}/", tone(9)
    client.post(f"{page}open", WORDS)
    for asked, start, end in (
        ("bytes=0-99", 0, 100), ("bytes=65500-65600", 65_500, 65_601), ("bytes=140000-", 140_000, len(content)),
        ("bytes=-5", len(content) - 5, len(content)), ("bytes=100-99999999", 100, len(content)),
    ):  # fmt: skip
        part = client.get(f"{page}sound", headers={"Range": asked})
        assert part.status_code == 206, asked
        assert body(part) == content[start:end]
        assert part.headers["Content-Range"] == f"bytes {start}-{end - 1}/{len(content)}"
        assert part.headers["Content-Length"] == str(end - start)
    behind = client.get(f"{page}sound", headers={"Range": "bytes=999999999-"})
    assert (behind.status_code, behind.headers["Content-Range"]) == (416, f"bytes */{len(content)}")
    plays = [action for action, _ in audited(one) if action == "recording.played"]
    assert len(plays) == 1, "moving about in a recording is no new play"
    for strange in ("bytes=5-1", "bytes=-", "lines=1-2", "bytes=0-1,5-9", "bytes=" + "9" * 99 + "-"):
        assert client.get(f"{page}sound", headers={"Range": strange}).status_code == 200
    plays = [action for action, _ in audited(one) if action == "recording.played"]
    assert len(plays) == 6, "who gets all of it has begun anew"


def test_only_auditors_take_a_recording_along(recorded: Callable[..., Recording]) -> None:
    one = recorded()
    page = f"/recordings/{one.pk}/"
    for role, status in ((Role.SUPERVISOR, 403), (Role.ADMINISTRATOR, 403), (Role.AUDITOR, 200)):
        client = signed_in(role)
        client.post(f"{page}open", WORDS)
        answer = client.post(f"{page}download")
        assert answer.status_code == status
    assert answer.headers["Content-Disposition"].startswith(f'attachment; filename="{one.contact.reference}-')
    assert body(answer) == tone(2)
    assert ("recording.downloaded", "complaint: by the caller") in audited(one)


def test_agents_hear_their_own_calls_where_the_town_allows_it(
    town: Town, recorded: Callable[..., Recording], monkeypatch: pytest.MonkeyPatch
) -> None:
    nadia = town.agent("Nadia", queues=["council-tax"], skills={"council-tax": 3})
    jonas = town.agent("Jonas", queues=["council-tax"], skills={"council-tax": 3})
    own, other = recorded(nadia), recorded(jonas)
    client = Client()
    client.force_login(get_user(nadia), backend=BACKEND)
    assert b"has not turned on" in client.get("/recordings/").content
    assert client.get(f"/recordings/{own.pk}/").status_code == 403
    monkeypatch.setattr(settings, "CIVICLINE", replace(settings.CIVICLINE, voice_hear_own=True))
    listed = client.get("/recordings/").content.decode()
    assert own.contact.reference in listed
    assert other.contact.reference not in listed
    assert client.get(f"/recordings/?agent={jonas}").content.decode().count(other.contact.reference) == 0
    assert client.get(f"/recordings/{own.pk}/").status_code == 200
    assert client.get(f"/recordings/{other.pk}/").status_code == 403
    assert client.post(f"/recordings/{own.pk}/open", WORDS).status_code == 302
    assert client.get(f"/recordings/{own.pk}/sound").status_code == 200


def test_the_list_is_narrowed_and_costs_the_same_however_long_it_is(
    town: Town, recorded: Callable[..., Recording]
) -> None:
    nadia = town.agent("Nadia", queues=["council-tax"], skills={"council-tax": 3})
    client = signed_in(Role.SUPERVISOR)
    first = recorded(nadia)
    client.get("/recordings/")

    def costs(address: str = "/recordings/") -> int:
        with CaptureQueriesContext(
            connection,
        ) as found:
            assert client.get(address).status_code == 200
        return len(found)

    few = costs()
    for _ in range(29):
        recorded()
    assert costs() == few
    assert few <= 9, few
    assert client.get("/recordings/").content.decode().count("<tr>") - 1 == 25
    assert client.get("/recordings/?page=2").content.decode().count("<tr>") - 1 == 5
    found = client.get(f"/recordings/?agent={nadia}").content.decode()
    assert found.count("<tr>") - 1 == 1
    assert first.contact.reference in found
    assert (
        first.contact.reference
        in client.get(f"/recordings/?reference={first.contact.reference.lower()}").content.decode()
    )
    assert b"Nothing was found" in client.get("/recordings/?queue=benefits").content
    assert b"Nothing was found" in client.get("/recordings/?until=2020-01-01").content
    assert client.get("/recordings/?since=tomorrow").status_code == 422


def test_keys_that_were_pressed_while_payment_data_was_given_are_not_shown(
    town: Town, recorded: Callable[..., Recording]
) -> None:
    one = recorded()
    Recording.objects.filter(pk=one.pk).update(state="running")
    assert one.call_id is not None
    Call.objects.filter(pk=one.call_id).update(state="talking")
    services.note_key(call_id=one.call_id, digit="7")
    Recording.objects.filter(pk=one.pk).update(silent=True)
    services.note_key(call_id=one.call_id, digit="4")
    Recording.objects.filter(pk=one.pk).update(state="kept", silent=False)
    client = signed_in(Role.SUPERVISOR)
    client.post(f"/recordings/{one.pk}/open", WORDS)
    shown = client.get(f"/recordings/{one.pk}/").content.decode()
    assert "Key 7" in shown
    assert "Key 4" not in shown
    assert "A key, not shown" in shown


def test_a_damaged_file_is_said_and_not_played(recorded: Callable[..., Recording]) -> None:
    one = recorded()
    client, file = signed_in(Role.SUPERVISOR), files.path_of(one.pk)
    client.post(f"/recordings/{one.pk}/open", WORDS)
    file.write_bytes(file.read_bytes()[:90] + b"x" * 100)
    assert client.get(f"/recordings/{one.pk}/sound").status_code == 503
    file.unlink()
    assert client.get(f"/recordings/{one.pk}/sound").status_code == 404


def test_administrators_set_the_rule_of_each_queue(town: Town) -> None:
    client = signed_in(Role.ADMINISTRATOR)
    assert client.post("/recordings/rules/benefits", {"mode": "consent", "days": "30"}).status_code == 302
    assert 'value="30"' in client.get("/recordings/rules/").content.decode()
    assert client.post("/recordings/rules/benefits", {"mode": "always", "days": "0"}).status_code == 422
    assert client.post("/recordings/rules/nowhere", {"mode": "always"}).status_code == 404
    entry = kernel.history("queue", "benefits").get(action="queue.recording_changed")
    assert entry.data["changes"]["recording"]["to"] == ["consent", 30]
    assert client.post("/recordings/rules/benefits", {"mode": ""}).status_code == 302


def test_an_agent_silences_the_recording_of_their_own_call_for_a_payment(
    town: Town, recorded: Callable[..., Recording]
) -> None:
    nadia = town.agent("Nadia", queues=["council-tax"], skills={"council-tax": 3})
    jonas = town.agent("Jonas", queues=["council-tax"], skills={"council-tax": 3})
    one = recorded(nadia)
    Contact.objects.filter(pk=one.contact_id).update(state="connected", agent_id=nadia)
    Call.objects.filter(pk=one.call_id).update(state="talking")
    clients = {}
    for agent in (nadia, jonas):
        clients[agent] = Client()
        clients[agent].force_login(get_user(agent), backend=BACKEND)
    silence, go_on = (f"/desk/c/{one.contact_id}/recording/{verb}" for verb in ("silence", "go-on"))
    assert clients[nadia].post(silence).status_code == 302, "keys are hidden although nothing is recorded"
    assert clients[nadia].post(go_on).status_code == 302
    Recording.objects.filter(pk=one.pk).update(state="running")
    assert clients[jonas].post(silence).status_code == 403
    assert clients[nadia].post(silence, {"why": "field"}).status_code == 302
    assert Recording.objects.get(pk=one.pk).silent
    assert "Record again" in clients[nadia].get(f"/desk/c/{one.contact_id}/").content.decode()
    assert clients[nadia].post(go_on).status_code == 302
    assert not Recording.objects.get(pk=one.pk).silent
    told = [(row.name, row.data.get("why")) for row in kernel.events_of_contact(one.contact_id)]
    assert ("call.recording_silenced", "field") in told


def test_a_voice_message_is_heard_by_who_has_its_contact(
    town: Town, recorded: Callable[..., Recording]
) -> None:
    nadia = town.agent("Nadia", queues=["benefits"], skills={"benefits": 3})
    jonas = town.agent("Jonas", queues=["benefits"], skills={"benefits": 3})
    one = recorded(nadia)
    client, other = Client(), Client()
    client.force_login(get_user(nadia), backend=BACKEND)
    other.force_login(get_user(jonas), backend=BACKEND)
    address = f"/recordings/messages/{one.pk}/sound"
    assert client.get(address).status_code == 404, "a call is not heard this way"
    Recording.objects.filter(pk=one.pk).update(kind="message")
    assert body(client.get(address)) == tone(2)
    assert other.get(address).status_code == 403
    assert other.get(f"/recordings/of/{one.contact_id}").status_code == 403
    assert b"data-player" in client.get(f"/recordings/of/{one.contact_id}").content
    assert ("recording.played", "message") in audited(one)
