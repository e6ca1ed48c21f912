"""A real Asterisk under a real Civicline, with telephones around them, for tests and benchmarks."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from tests import laid_out
from tests.servers import ROOT, Civicline, free_port, wait_until

CALLER_TONE, AGENT_TONE, SECOND_TONE = 440.0, 1000.0, 700.0
NUMBER = "442079460999"
OFFER_S = 60
"""How long a telephone rings: longer than a process takes to come again after a kill, also on a busy machine."""


def missing() -> str:
    """Why there is no Asterisk to test with; empty when there is one."""
    from civicline.channels.voice.asterisk.installation import NoAsterisk, present

    try:
        found = present()
    except NoAsterisk as problem:
        return str(problem)
    return "" if found else "Asterisk is not here; `make setup` unpacks it on Debian"


@dataclass
class Exchange:
    """Civicline with its embedded Asterisk. `servers`: the processes; the last one has the voice role.

    `network_port`: where the line to the telephone network ends, on 127.0.0.2; each exchange has an end of its own.
    """

    var: Path
    database: dict[str, str] = field(default_factory=dict)
    options: dict[str, str] = field(default_factory=dict)
    ari_port: int = field(default_factory=free_port)
    sip_port: int = field(default_factory=free_port)
    network_port: int = field(default_factory=free_port)
    redis: str = ""
    log_level: str = "info"
    sound_ports: int = 400

    def __post_init__(self) -> None:
        first = 20_000 + 400 * (self.sip_port % 30)
        self.environment = {
            "CIVICLINE_DEMO": "no", "CIVICLINE_VOICE_MODE": "embedded", "CIVICLINE_VOICE_ARI_PORT": str(self.ari_port),
            "CIVICLINE_VOICE_SIP_PORT": str(self.sip_port), "CIVICLINE_VOICE_RTP_FIRST": str(first),
            "CIVICLINE_VOICE_RTP_LAST": str(first + self.sound_ports - 1), "CIVICLINE_LOG_LEVEL": self.log_level,
            "CIVICLINE_VOICE_TRUNKS": json.dumps([{"id": "network", "host": f"127.0.0.2:{self.network_port}"}]),
            "CIVICLINE_VOICE_NUMBERS": f"{NUMBER}=general", **self.database, **self.options,
        }  # fmt: skip
        if self.redis:
            self.environment["CIVICLINE_REDIS_URL"] = self.redis
        roles = ["dispatch", "voice"] if "CIVICLINE_DATABASE_URL" in self.environment else ["all"]
        self.servers = [Civicline(self.var, role=role, environment=self.environment) for role in roles]
        self.agents: list[str] = []
        self.before = 0
        self._helper: subprocess.Popen[str] | None = None
        self._turn = threading.Lock()

    @property
    def voice(self) -> Civicline:
        """The process that drives the exchange."""
        return self.servers[-1]

    @property
    def address(self) -> tuple[str, int]:
        """Where callers and telephones reach the exchange."""
        return ("127.0.0.1", self.sip_port)

    def start(self, *, agents: int, ports: list[int], **options: Any) -> list[str]:
        """Make the town and start everything; returns the agents' ids."""
        self.var.mkdir(parents=True, exist_ok=True)
        if "CIVICLINE_DATABASE_URL" not in self.environment:
            laid_out.sqlite_in(self.var)
        command = [sys.executable, "-m", "tests.telephones"]
        environment = self.voice.settings() | {"DJANGO_SETTINGS_MODULE": "civicline.config.settings"}
        environment["PYTHONPATH"] = str(ROOT)
        self._helper = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=environment
        )
        found: list[str] = self.do("prepare", agents=agents, ports=ports, **options)
        for server in self.servers:
            server.start()
        self.wait_connected()
        return found

    def wait_connected(self) -> None:
        """Until the voice role holds the exchange."""
        wait_until(
            lambda: "civicline" in self._apps(), seconds=90, what=f"the exchange is driven ({self.voice.log})"
        )

    def do(self, order: str, /, **facts: Any) -> Any:
        """Give an order to the town's helper."""
        assert self._helper is not None
        assert self._helper.stdin is not None
        assert self._helper.stdout is not None
        with self._turn:
            self._helper.stdin.write(json.dumps({"do": order, **facts}) + "\n")
            self._helper.stdin.flush()
            answer = json.loads(self._helper.stdout.readline())
        if "error" in answer:
            raise AssertionError(f"{order}: {answer['error']}")
        return answer["answer"]

    # --- What stands in the database, and in the exchange

    def call(self, at: int = -1) -> dict[str, Any]:
        """One call as it stands; the last one."""
        found = self.do("calls")[self.before :]
        return dict(found[at]) if found else {}

    def reaches(self, state: str, *, seconds: float = 15.0, contact: str = "") -> dict[str, Any]:
        """Wait until the last call is in this state, and its contact in that one."""

        def there() -> dict[str, Any] | None:
            now = self.call()
            return (
                now
                if now.get("state") == state and (not contact or now["contact_state"] == contact)
                else None
            )

        try:
            found = wait_until(there, seconds=seconds, what=f"the call is {state}", every=0.05)
        except AssertionError as late:
            now = self.call()
            names = self.do("events", contact=now["contact"]) if now else []
            raise AssertionError(f"{late}: {now}, {names}") from late
        assert found is not None
        return found

    def ari(self, path: str, **order: str) -> Any:
        """Ask the exchange; with `order`, for something to be made."""
        from civicline.channels.voice.asterisk import passwords

        secret = passwords.kept(self.var / "voice").ari
        url = f"http://127.0.0.1:{self.ari_port}/ari/{path}"
        access: dict[str, Any] = {"auth": ("civicline", secret), "timeout": 5, "trust_env": False}
        answer = httpx.post(url, params=order, **access) if order else httpx.get(url, **access)
        return answer.json()

    def _apps(self) -> list[str]:
        try:
            return [one["name"] for one in self.ari("applications")]
        except (httpx.HTTPError, OSError, ValueError, TypeError):
            return []

    def legs(self) -> list[str]:
        """The legs in the exchange, by their states."""
        return sorted(str(one["state"]) for one in self.ari("channels"))

    def empty(self) -> bool:
        """Whether nothing is left in the exchange."""
        return not self.ari("channels") and not self.ari("bridges")

    def stop(self) -> None:
        """End everything, the exchange with it."""
        from civicline.channels.voice.asterisk import process

        for server in reversed(self.servers):
            server.stop()
        pid = process.running((self.var / "voice").absolute())
        if pid is not None:
            process.end(pid, (self.var / "voice").absolute())
        if self._helper is not None:
            assert self._helper.stdin is not None
            self._helper.stdin.close()
            self._helper.wait(30)
