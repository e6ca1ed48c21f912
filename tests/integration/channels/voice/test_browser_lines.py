"""Lines for browsers: what is given out is what the exchange takes, and nobody has another's line."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import hmac
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from django.conf import settings
from django.test import Client

from civicline.channels.voice import guest_lines, services, tickets
from civicline.channels.voice.asterisk import certificate, configuration, passwords
from civicline.channels.voice.asterisk.endpoints import PhoneLine
from civicline.channels.voice.asterisk.installation import Installation
from civicline.channels.voice.services import browser_lines
from civicline.config.options import Configuration
from civicline.kernel import clock
from civicline.kernel.errors import NotFound
from civicline.people import services as people
from civicline.people.roles import Role
from civicline.web.live import house

pytestmark = pytest.mark.django_db
START = datetime(2026, 3, 2, 9, tzinfo=UTC)


@pytest.fixture
def conf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Configuration:
    """An installation with a telephone and two lines for guests."""
    found = dataclasses.replace(
        settings.CIVICLINE, var=tmp_path, voice_mode="embedded", voice_guest_lines=2,
        voice_stun=("stun:stun.example.org",), voice_turn=("turn:turn.example.org:3478?transport=udp",),
        voice_turn_secret="shared with the relay", voice_public_address="198.51.100.7", voice_sip_host="10.0.0.5",
    )  # fmt: skip
    monkeypatch.setattr(settings, "CIVICLINE", found)
    return found


@pytest.fixture
def hands() -> Iterator[clock.ManualClock]:
    with clock.use(clock.ManualClock(START)) as hands:
        yield hands


@pytest.fixture
def nadia() -> Any:
    user = people.create_staff(email="nadia@saltmere.example", name="Nadia", roles=[Role.AGENT])
    services.save_phone(agent_id=user.pk, name="7001", kind="browser")
    return user


def taken(conf: Configuration, user: str) -> set[str]:
    """The passwords that the exchange takes of somebody, as its configuration has them."""
    nowhere = Path("/nonexistent")
    found = Installation(("asterisk",), nowhere, nowhere, nowhere, "22.10")
    configuration.write(conf, found, [PhoneLine("7001", "browser")], passwords.kept(conf.voice_folder))
    text = (conf.voice_folder / "etc/pjsip.conf").read_text()
    return set(re.findall(rf"username = {user}\npassword = (\w+)", text))


def test_an_agent_is_given_what_the_exchange_takes_all_day(
    conf: Configuration, hands: clock.ManualClock, nadia: Any
) -> None:
    for _ in range(30):
        line = services.agent_line(agent_id=nadia.pk, conf=conf)
        assert line.secret in taken(conf, line.user)
        hands.advance(timedelta(seconds=line.lasts - 1))
        assert line.secret in taken(conf, line.user)
        hands.advance(timedelta(seconds=1))
        assert line.secret not in taken(conf, line.user)
    assert "secret" not in repr(line)
    assert line.secret not in repr(line)


def test_an_agent_s_page_is_known_when_it_comes_back_and_another_page_is_not_it(
    conf: Configuration, hands: clock.ManualClock, nadia: Any
) -> None:
    def holder(line: services.BrowserLine) -> str:
        ticket = tickets.read(line.ticket)
        assert ticket is not None
        return ticket.holder

    line = services.agent_line(agent_id=nadia.pk, conf=conf)
    again = services.agent_line(agent_id=nadia.pk, conf=conf, again=line.as_plain()["socket"])
    assert holder(again) == holder(line)
    assert holder(services.agent_line(agent_id=nadia.pk, conf=conf)) != holder(line)
    mei = people.create_staff(email="mei@saltmere.example", name="Mei", roles=[Role.AGENT])
    services.save_phone(agent_id=mei.pk, name="7002", kind="browser")
    assert holder(services.agent_line(agent_id=mei.pk, conf=conf, again=line.ticket)) != holder(line)


def test_a_guest_is_given_what_the_exchange_takes(conf: Configuration, hands: clock.ManualClock) -> None:
    line = services.guest_line(conf=conf)
    assert len(taken(conf, line.user)) == 2
    assert line.secret in taken(conf, line.user)
    hands.advance(timedelta(seconds=line.lasts))
    assert line.secret not in taken(conf, line.user)
    assert line.as_plain()["dial"] == "sip:town@civicline.invalid"


def test_the_relay_s_password_is_its_name_s_signature_and_ends(
    conf: Configuration, hands: clock.ManualClock
) -> None:
    stun, turn = services.guest_line(conf=conf).ice
    assert stun == {"urls": ["stun:stun.example.org"]}
    until, _, user = turn["username"].partition(":")
    assert int(until) == START.timestamp() + browser_lines.RELAY_S
    assert user.startswith("guest-")
    made = hmac.new(b"shared with the relay", turn["username"].encode(), hashlib.sha1)
    assert turn["credential"] == base64.b64encode(made.digest()).decode()


def test_each_guest_has_a_line_of_their_own_until_none_is_left(conf: Configuration) -> None:
    first, second = services.guest_line(conf=conf), services.guest_line(conf=conf)
    assert {first.user, second.user} == {"guest-1", "guest-2"}
    with pytest.raises(browser_lines.LinesTaken):
        services.guest_line(conf=conf)
    again = services.guest_line(conf=conf, again=first.as_plain()["socket"])
    assert again.user == first.user
    assert again.ticket != first.ticket


def test_a_line_that_was_left_waits_for_its_guest_and_goes_to_nobody_else(conf: Configuration) -> None:
    line = services.guest_line(conf=conf)
    ticket = house.telephone_of(line.ticket, "")
    assert ticket is not None
    house.guest_left(ticket)
    other = services.guest_line(conf=conf)
    assert other.user != line.user
    number = guest_lines.number_of(ticket)
    assert not guest_lines.take_again(number, "somebody else")
    assert guest_lines.take_again(number, ticket.holder)


def test_a_ticket_is_of_one_minute_and_one_use(conf: Configuration, nadia: Any) -> None:
    guest = services.guest_line(conf=conf)
    assert house.telephone_of(guest.ticket, "") is not None
    assert house.telephone_of(guest.ticket, "") is None
    assert house.telephone_of(guest.ticket[:-1] + "x", "") is None
    assert tickets.read(services.agent_line(agent_id=nadia.pk, conf=conf).ticket, age=-1) is None


def test_an_agent_s_ticket_opens_with_their_own_session_alone(conf: Configuration, nadia: Any) -> None:
    client, other = Client(), Client()
    client.force_login(nadia)
    ruth = people.create_staff(email="ruth@saltmere.example", name="Ruth", roles=[Role.AGENT])
    other.force_login(ruth)
    ticket = services.agent_line(agent_id=nadia.pk, conf=conf).ticket
    assert house.telephone_of(ticket, "") is None
    assert house.telephone_of(ticket, str(other.session.session_key)) is None
    found = house.telephone_of(ticket, str(client.session.session_key))
    assert found is not None
    assert found.user == "browser-7001"


def test_the_desk_gives_a_line_and_says_in_words_why_not(conf: Configuration, nadia: Any) -> None:
    client = Client()
    client.force_login(nadia)
    told = client.post("/desk/telephone/line/")
    assert told.status_code == 200
    assert told["Cache-Control"] == "no-store"
    assert told.json()["socket"].startswith("/live/telephone/")
    services.remove_phone(agent_id=nadia.pk)
    assert client.post("/desk/telephone/line/").json()["detail"].startswith("You have no telephone yet.")
    assert client.get("/desk/telephone/line/").status_code == 405
    assert Client().post("/desk/telephone/line/").status_code in {302, 403}


def test_the_page_gives_lines_until_it_is_too_much(conf: Configuration) -> None:
    client = Client(enforce_csrf_checks=True)
    assert client.post("/en/call/line/").status_code == 403
    page = client.get("/en/call/").content.decode()
    token = re.search(r'csrf-token" content="(\w+)"', page)
    assert token is not None
    headers = {"X-CSRFToken": token[1]}
    first = client.post("/en/call/line/", headers=headers)
    assert first.status_code == 200
    assert first["Cache-Control"] == "no-store"
    again = {"again": first.json()["socket"]}
    codes = [client.post("/en/call/line/", again, headers=headers).status_code for _ in range(21)]
    assert codes.count(200) == 19
    assert codes[-1] == 429


def test_without_a_telephone_the_page_names_the_other_ways(
    conf: Configuration, monkeypatch: pytest.MonkeyPatch
) -> None:
    off = dataclasses.replace(conf, voice_mode="off", town_phone="+44 20 7946 0999")
    monkeypatch.setattr(settings, "CIVICLINE", off)
    page = Client().get("/en/call/").content.decode()
    assert "switched off here" in page
    assert "tel:+44 20 7946 0999" in page
    assert "data-call=" not in page
    assert "/en/call/" not in Client().get("/en/").content.decode()
    with pytest.raises(NotFound):
        services.guest_line(conf=off)


def test_the_certificate_is_made_once_and_renewed_in_time(tmp_path: Path, hands: clock.ManualClock) -> None:
    file = certificate.kept(tmp_path)
    first = file.read_bytes()
    assert file.stat().st_mode & 0o077 == 0
    assert certificate.kept(tmp_path).read_bytes() == first
    hands.advance(certificate.GOOD_FOR - certificate.RENEWED)
    renewed = certificate.kept(tmp_path).read_bytes()
    assert renewed != first
    assert x509.load_pem_x509_certificate(renewed).not_valid_after_utc > clock.now() + timedelta(days=360)


def test_sound_finds_its_way_by_what_the_settings_say(conf: Configuration) -> None:
    taken(conf, "")
    text = (conf.voice_folder / "etc/rtp.conf").read_text()
    assert "10.0.0.5 => 198.51.100.7" in text
    assert "stunaddr = stun.example.org\n" in text
    assert "turnaddr" not in text  # the exchange has no lasting name at the relay
    more = dataclasses.replace(
        conf, voice_ice_candidates=("10.0.0.5=203.0.113.9",), voice_turn_user="exchange"
    )
    taken(more, "")
    text = (conf.voice_folder / "etc/rtp.conf").read_text()
    assert "10.0.0.5 => 203.0.113.9" in text
    assert "198.51.100.7" not in text
    assert "turnaddr = turn.example.org:3478\nturnusername = exchange" in text
