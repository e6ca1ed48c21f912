"""The doctor beside `make run-voice`, which turns the telephone on for its own process alone; where to call it."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from civicline.channels.voice import doctor
from civicline.channels.voice.asterisk import process
from civicline.config.options import Configuration
from civicline.config.serve import addresses
from tests.servers import free_port, wait_until


@pytest.fixture
def conf(tmp_path: Path) -> Configuration:
    """A town whose settings know of no telephone."""
    return dataclasses.replace(settings.CIVICLINE, voice_mode="off", var=tmp_path, voice_ari_port=free_port())


def test_a_telephone_that_is_off_is_told_with_what_to_do(conf: Configuration) -> None:
    (only,) = doctor.examine(conf)
    assert not only.good
    assert "make run-voice" in only.remedy


@pytest.mark.django_db
def test_an_exchange_that_runs_is_looked_over_whatever_the_settings_of_this_shell_say(
    conf: Configuration,
) -> None:
    folder = conf.var / "voice"
    (folder / "run").mkdir(parents=True)
    named = str(folder / "etc/asterisk.conf")
    with subprocess.Popen([sys.executable, "-c", "input()", "-C", named], stdin=subprocess.PIPE) as exchange:
        (folder / "run/started").write_text(str(exchange.pid))
        wait_until(lambda: process.running(folder) == exchange.pid, what="it runs")
        found = {one.check: one for one in doctor.examine(conf)}
        exchange.kill()
    assert {"asterisk", "sound ports", "ari", "telephones"} <= set(found)
    assert "mode" not in found


@pytest.mark.parametrize(
    ("mode", "lines", "told"), [("off", 10, False), ("embedded", 0, False), ("embedded", 10, True)]
)
def test_whoever_starts_it_is_told_where_the_town_can_be_called(
    settings: Any, mode: str, lines: int, told: bool
) -> None:
    settings.CIVICLINE = dataclasses.replace(
        settings.CIVICLINE, voice_mode=mode, voice_guest_lines=lines, public_url=""
    )
    where = dict(addresses("http://127.0.0.1:8000"))
    assert (where.get("Call the town") == "http://127.0.0.1:8000/call/") is told
