"""sipp, the test tool of telephone networks, as callers and as telephones: scenarios of ours, and what it noted down.

with Sipp(folder, caller(said), ip="127.0.0.2", to=exchange.address, number="9000", calls=100, rate=10) as callers:
    callers.wait(60)
    calls = by_number(callers.messages(), sent=True)

Every message is noted by sipp with the time of the machine's clock, in microseconds; two sipps share that clock.
"""

from __future__ import annotations

import csv
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import TracebackType

from tests.servers import free_port, wait_until

WHERE = "apt-get install sip-tester"
NOTED = re.compile(
    r"^-{20,} (\d{4}-\d\d-\d\d)[ \t](\d\d:\d\d:\d\d\.\d{6}).*\n"
    r"\w+ message (sent|received)[^\n]*:\s*\n\s*((?:(?!^-{20,} \d).*\n?)*)",
    re.M,
)
OFFER = """v=0
o=sipp 1 1 IN IP4 {sound}
s=-
c=IN IP4 {sound}
t=0 0
m=audio {port} RTP/AVP 0 101
a=rtpmap:0 PCMU/8000
a=rtpmap:101 telephone-event/8000
a=fmtp:101 0-15
"""
REQUEST = """  <send{again}><![CDATA[
{method} sip:[service]@[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch];rport
From: "Caller" <sip:[prefix][call_number]@[local_ip]:[local_port]>;tag=c[pid]x[call_number]
To: <sip:[service]@[remote_ip]:[remote_port]>{tag}
Call-ID: [call_id]
CSeq: {turn} {method}
Contact: <sip:[prefix][call_number]@[local_ip]:[local_port]>
Max-Forwards: 70
{body}]]></send>
"""
RESPONSE = """  <send{again}><![CDATA[
SIP/2.0 {words}
[last_Via:]
[last_From:]
[last_To:]{tag}
[last_Call-ID:]
[last_CSeq:]
Contact: <sip:sipp@[local_ip]:[local_port]>
{body}]]></send>
"""
NO_BODY = "Content-Length: 0\n\n"
AGAIN = ' retrans="500"'


def missing_sipp() -> str:
    """Why there is no sipp to call with; empty when there is one."""
    return "" if shutil.which("sipp") else f"sipp is not installed here; on Debian: {WHERE}"


def pause(milliseconds: int) -> str:
    """Nothing is done for so long."""
    return f'  <pause milliseconds="{milliseconds}"/>\n'


def play(pcap: Path) -> str:
    """Send the packets of sound of this file; the scenario goes on meanwhile (RFC 3550; it needs root)."""
    return f'  <nop><action><exec play_pcap_audio="{pcap}"/></action></nop>\n'


def caller(*steps: str, sound: str = "[media_ip]", port: str = "[media_port]", hangs_up: bool = True) -> str:
    """Call, be answered, do the steps, and hang up; or wait until the other side does, for a minute at most."""
    body = "Content-Type: application/sdp\nContent-Length: [len]\n\n" + OFFER.format(sound=sound, port=port)
    early = "".join(f'  <recv response="{code}" optional="true"/>\n' for code in (100, 180, 183))
    talk = [
        REQUEST.format(method="INVITE", turn=1, tag="", body=body, again=AGAIN), early, '  <recv response="200"/>\n',
        REQUEST.format(method="ACK", turn=1, tag="[peer_tag_param]", body=NO_BODY, again=""), *steps,
    ]  # fmt: skip
    over = [
        REQUEST.format(method="BYE", turn=2, tag="[peer_tag_param]", body=NO_BODY, again=AGAIN),
        '  <recv response="200"/>\n',
    ]
    left = ['  <recv request="BYE" timeout="60000"/>\n', _says("200 OK")]
    return _scenario("caller", talk + (over if hangs_up else left))


def telephone(*, rings_ms: int, sound: str, port: str) -> str:
    """Ring for a moment, be picked up, and wait until the other side hangs up; as many calls at once as come."""
    body = "Content-Type: application/sdp\nContent-Length: [len]\n\n" + OFFER.format(sound=sound, port=port)
    tag = ";tag=t[pid]x[call_number]"
    steps = [
        '  <recv request="INVITE"/>\n', _says("180 Ringing", tag=tag), pause(rings_ms),
        RESPONSE.format(words="200 OK", tag=tag, body=body, again=AGAIN), '  <recv request="ACK"/>\n',
        '  <recv request="BYE"/>\n', _says("200 OK"),
    ]  # fmt: skip
    return _scenario("telephone", steps)


def _says(words: str, *, tag: str = "") -> str:
    return RESPONSE.format(words=words, tag=tag, body=NO_BODY, again="")


def _scenario(name: str, steps: list[str]) -> str:
    head = '<?xml version="1.0" encoding="ISO-8859-1"?>\n<!DOCTYPE scenario SYSTEM "sipp.dtd">\n'
    return f'{head}<scenario name="{name}">\n{"".join(steps)}</scenario>\n'


@dataclass(frozen=True)
class Message:
    """One SIP message as sipp noted it. `at`: seconds since 1970; `number`: who calls, as the From header says."""

    at: float
    sent: bool
    first: str
    turn: str
    call: str
    number: str

    @property
    def code(self) -> int:
        """Of an answer; 0 for a request."""
        return int(self.first.split()[1]) if self.first.startswith("SIP/2.0") else 0


@dataclass
class Sipp:
    """One sipp in a folder of its own. `to` None: it waits for calls. `rate`: calls a second; `calls`: in all.

    `leader`: the port of somebody whose words the scenario waits for (sipp's "3pcc"); 0 for nobody.
    """

    folder: Path
    scenario: str
    ip: str
    to: tuple[str, int] | None = None
    number: str = ""
    prefix: str = "1555"
    calls: int = 0
    rate: float = 1.0
    leader: int = 0
    port: int = field(default_factory=free_port)

    def __enter__(self) -> Sipp:
        self.folder.mkdir(parents=True)
        (self.folder / "scenario.xml").write_text(self.scenario)
        options = [
            "-sf", "scenario.xml", "-i", self.ip, "-mi", self.ip, "-p", str(self.port), "-key", "prefix", self.prefix,
            "-trace_msg", "-message_file", "messages.log", "-trace_err", "-error_file", "errors.log",
            "-trace_stat", "-stf", "counts.csv", "-fd", "1", "-aa",
            "-nostdin", "-cp", str(free_port()),
        ]  # fmt: skip
        if self.to:
            count = str(self.calls)
            options += ["-s", self.number, "-r", f"{self.rate:g}", "-m", count, "-l", count]
            options += ["-3pcc", f"127.0.0.1:{self.leader}"] if self.leader else []
            options.append(f"{self.to[0]}:{self.to[1]}")
        with (self.folder / "screen.log").open("wb") as screen:
            self.process = subprocess.Popen(
                ["sipp", *options], cwd=self.folder, stdin=subprocess.DEVNULL, stdout=screen, stderr=screen
            )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.process.poll() is None:
            self.process.terminate()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(5)

    def wait(self, seconds: float) -> int:
        """Until all calls are over; returns sipp's exit code, 0 when each of them went as the scenario says."""
        self.process.wait(seconds)
        return int(self.process.returncode)

    def listens(self) -> None:
        """Wait until it takes calls."""
        counts = self.folder / "counts.csv"
        wait_until(counts.exists, seconds=10, what=f"sipp takes calls: {self.trouble()}")

    def failed(self) -> int:
        """How many calls went otherwise than the scenario says."""
        with (self.folder / "counts.csv").open(newline="") as file:
            rows = list(csv.DictReader(file, delimiter=";"))
        return int(rows[-1]["FailedCall(C)"]) if rows else 0

    def trouble(self) -> str:
        """What sipp complained of, shortly."""
        file = self.folder / "errors.log"
        return file.read_text(errors="replace")[:2_000] if file.exists() else ""

    def messages(self) -> Iterator[Message]:
        """What went over the line until now, in order."""
        file = self.folder / "messages.log"
        text = file.read_text(errors="replace").replace("\r\n", "\n") if file.exists() else ""
        for day, hour, way, body in NOTED.findall(text):
            at = datetime.fromisoformat(f"{day} {hour}").timestamp()
            first, _, rest = body.partition("\n")
            yield Message(
                at, way == "sent", first, _head(rest, "CSeq"), _head(rest, "Call-ID"),
                (re.findall(r"<sip:\+?(\d+)@", _head(rest, "From")) or [""])[0],
            )  # fmt: skip


def _head(text: str, name: str) -> str:
    found = re.search(rf"^{name}:[ \t]*(.*)$", text, re.M | re.I)
    return found[1].strip() if found else ""
