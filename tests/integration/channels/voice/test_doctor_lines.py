"""The doctor on what stands between a line and the exchange: certificate, SIP's port, addresses behind NAT."""

from __future__ import annotations

import dataclasses
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.conf import settings

from civicline.channels.voice import doctor, line_checks
from civicline.channels.voice.findings import Finding
from civicline.config.options import Configuration
from civicline.config.trunk_kind import Trunk
from tests.servers import free_port

pytestmark = pytest.mark.django_db


@pytest.fixture
def conf(tmp_path: Path) -> Configuration:
    """An embedded exchange that does not run."""
    return dataclasses.replace(
        settings.CIVICLINE, voice_mode="embedded", var=tmp_path, voice_ari_port=free_port(),
        voice_sip_port=free_port(),
    )  # fmt: skip


def found(conf: Configuration, check: str) -> Finding | None:
    return next((one for one in doctor.examine(conf) if one.check == check), None)


def made(folder: Path, name: str, days: int = 90) -> tuple[str, str]:
    """A certificate and its key."""
    key, chain = folder / f"{name}.key", folder / f"{name}.crt"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=town.example",
         "-days", str(days), "-keyout", key, "-out", chain],
        check=True, capture_output=True,
    )  # fmt: skip
    return chain.read_text(), key.read_text()


def test_each_fault_of_a_certificate_is_told_in_words_of_its_own(conf: Configuration, tmp_path: Path) -> None:
    (one, own_key), (_other, other_key) = made(tmp_path, "one"), made(tmp_path, "other")
    soon, soons_key = made(tmp_path, "soon", days=5)
    file = tmp_path / "exchange.pem"
    told = dataclasses.replace(conf, voice_tls_certificate=str(file))

    def words(content: str | None) -> str:
        file.unlink(missing_ok=True)
        if content is not None:
            file.write_text(content)
        finding = found(told, "certificate")
        assert finding is not None
        assert finding.good == ("can be used." in finding.found)
        return finding.found

    assert words(None).endswith("cannot be used: no such file or directory.")
    assert words("Dear Sir").endswith("cannot be used: it lacks the certificate or its key.")
    assert words(one).endswith("cannot be used: it lacks the certificate or its key.")
    assert words(one + other_key).endswith("cannot be used: its private key belongs to another certificate.")
    assert words(soon + soons_key).startswith("The certificate ends on ")
    assert words(one + own_key) == "The certificate can be used."


@contextmanager
def something_at(port: int, answer: bytes) -> Iterator[None]:
    """Something has the port, and says this to each question."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as at:
        at.bind(("127.0.0.1", port))

        def once() -> None:
            _question, source = at.recvfrom(4_096)
            at.sendto(answer, source)

        thread = threading.Thread(target=once, daemon=True)
        thread.start()
        yield
        thread.join(5)


@pytest.mark.parametrize(
    ("answer", "good"),
    [(b"SIP/2.0 401 Unauthorized\r\n\r\n", True), (b"I am a printer", False), (b"", False)],
)
def test_whether_the_exchange_has_its_port_is_asked_of_the_port(
    conf: Configuration, answer: bytes, good: bool
) -> None:
    if not answer:
        assert found(conf, "sip port") is not None
        return
    with something_at(conf.voice_sip_port, answer):
        assert (found(conf, "sip port") is None) is good


@pytest.mark.parametrize(
    ("host", "address", "public", "wrong"),
    [
        ("8.8.4.4", "10.0.0.5", "", True),
        ("8.8.4.4:5070", "10.0.0.5", "192.168.7.7", True),
        ("8.8.4.4", "10.0.0.5", "1.1.1.1", False),
        ("10.0.0.9", "10.0.0.5", "", False),
        ("8.8.4.4", "127.0.0.1", "", False),
    ],
)
def test_a_line_in_the_internet_is_not_told_a_private_address(
    conf: Configuration, host: str, address: str, public: str, wrong: bool
) -> None:
    behind = dataclasses.replace(
        conf, voice_sip_host=address, voice_public_address=public, voice_trunks=(Trunk(id="out", host=host),)
    )
    told = list(line_checks.nat(behind))
    assert bool(told) is wrong
    assert all("8.8.4.4" in one.found for one in told)
