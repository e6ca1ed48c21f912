"""What check and doctor say of browsers' sound: each fault in words, each with its remedy."""

from __future__ import annotations

import dataclasses
import socket
import struct
import threading
from collections.abc import Iterator

import pytest
from django.conf import settings

from civicline.channels.voice import browser_checks, doctor
from civicline.channels.voice.browser_checks import (
    COOKIE,
    judge_servers,
    judge_settings,
    own_address,
    seen_from,
)
from civicline.cli import checks
from civicline.config.options import Configuration
from tests.servers import free_port

OUTSIDE, ELSEWHERE = "198.41.0.4", "199.7.83.42"
HERE = "10.1.2.3"


@pytest.fixture
def conf(monkeypatch: pytest.MonkeyPatch) -> Configuration:
    """A town behind NAT with all its papers in order."""
    monkeypatch.setattr(browser_checks, "own_address", lambda: HERE)
    monkeypatch.setattr(browser_checks, "_is_here", lambda address: address == HERE)
    return dataclasses.replace(
        settings.CIVICLINE, voice_mode="embedded", public_url="https://contact.town.example",
        voice_sip_host=HERE, voice_public_address=OUTSIDE, voice_ari_port=free_port(),
    )  # fmt: skip


def wrong(conf: Configuration, **changed: object) -> list[str]:
    """Faults with their remedies."""
    found = judge_settings(dataclasses.replace(conf, **changed))  # type: ignore[arg-type]  # names of settings
    return [f"{one.found} {one.remedy}" for one in found if not one.good]


def test_all_is_well_behind_nat_with_a_public_address(conf: Configuration) -> None:
    assert wrong(conf) == []
    assert [one.found for one in judge_settings(conf)] == [f"Browsers send their sound to {OUTSIDE}."]


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"public_url": "http://contact.town.example"}, "only over https"),
        ({"voice_public_address": ""}, f"Browsers are told {HERE} as the way for their sound, so"),
        ({"voice_sip_host": "town.internal"}, f'Add voice.ice_candidates = ["{HERE}={OUTSIDE}"]'),
        ({"voice_ice_candidates": (f"10.9.9.9={OUTSIDE}",)}, "10.9.9.9, no address of this machine"),
        ({"voice_turn": ("turn:turn.example.org",)}, "nothing to sign in with"),
        ({"voice_turn": ("turn:turn.example.org",), "voice_turn_user": "all"}, "the one lasting password"),
    ],
)  # fmt: skip
def test_each_fault_has_its_words(conf: Configuration, changed: dict[str, object], words: str) -> None:
    found = wrong(conf, **changed)
    assert len(found) == 1
    assert words in found[0]


def test_in_one_network_a_private_address_is_no_fault_without_a_page_for_all(conf: Configuration) -> None:
    assert wrong(conf, voice_public_address="", voice_guest_lines=0) == []
    assert wrong(conf, voice_public_address="", public_url="") == []


def test_a_relay_with_a_secret_does_for_a_private_address(conf: Configuration) -> None:
    relay = {"voice_turn": ("turn:turn.example.org",), "voice_turn_secret": "shared"}
    assert wrong(conf, voice_public_address="", **relay) == []


@pytest.fixture
def stun() -> Iterator[str]:
    """A STUN server that sees everybody at the outside address (RFC 8489)."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        line.bind(("127.0.0.1", 0))
        line.settimeout(10)

        def answer() -> None:
            request, peer = line.recvfrom(2_048)
            address = struct.unpack(">I", socket.inet_aton(OUTSIDE))[0] ^ COOKIE
            software = struct.pack(">HH", 0x8022, 3) + b"abc\0"
            mapped = struct.pack(">HHBBHI", 0x0020, 8, 0, 1, peer[1] ^ (COOKIE >> 16), address)
            body = software + mapped
            line.sendto(struct.pack(">HHI", 0x0101, len(body), COOKIE) + request[8:20] + body, peer)

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        yield f"127.0.0.1:{line.getsockname()[1]}"
        thread.join(10)


def test_a_stun_server_tells_the_address_from_outside(stun: str) -> None:
    assert seen_from(stun) == OUTSIDE


def test_a_stun_server_that_sees_another_address_is_a_fault(conf: Configuration, stun: str) -> None:
    found = list(
        judge_servers(dataclasses.replace(conf, voice_public_address=ELSEWHERE, voice_stun=(f"stun:{stun}",)))
    )
    assert [one.good for one in found] == [False, False]
    assert "takes no telephones of browsers" in found[0].found
    assert f"sees this machine as {OUTSIDE}, not as {ELSEWHERE}" in found[1].found


def test_a_server_that_is_not_there_is_told(conf: Configuration, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(browser_checks, "PATIENCE_S", 0.1)
    dead = f"stun:127.0.0.1:{free_port()}"
    *_, last = judge_servers(dataclasses.replace(conf, voice_stun=(dead,)))
    assert last.found == f"{dead} does not answer."


def test_own_address_is_one_of_this_machine_or_none() -> None:
    found = own_address()
    assert found is None or found.count(".") == 3


@pytest.mark.django_db
def test_check_and_doctor_tell_them(conf: Configuration, monkeypatch: pytest.MonkeyPatch) -> None:
    bad = dataclasses.replace(conf, voice_turn=("turn:127.0.0.1:9",), voice_turn_user="all")
    monkeypatch.setattr(browser_checks, "PATIENCE_S", 0.1)
    told = list(checks._telephone(bad))
    assert len(told) == 1
    assert "the one lasting password of the relay. Set voice.turn_secret" in told[0]
    assert list(checks._telephone(dataclasses.replace(bad, voice_mode="off"))) == []
    found = {one.found for one in doctor.examine(bad) if not one.good}
    assert "Every visitor is given the one lasting password of the relay." in found
    assert "turn:127.0.0.1:9 does not answer." in found
