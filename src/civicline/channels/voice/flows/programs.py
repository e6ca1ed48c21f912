"""Small programs that make and judge sound, run with a bound on time, memory and output."""

from __future__ import annotations

import shutil
import subprocess

from django.utils.translation import gettext_lazy as _

from civicline.kernel.errors import Text, Unavailable

MEMORY_BYTES = 1_000_000_000
SECONDS = 20.0


class Missing(Unavailable):
    """A program is not installed here."""

    default_code = "program-missing"

    def __init__(self, text: Text, program: str) -> None:
        super().__init__(text, program=program)


class TooSlow(Unavailable):
    """It took longer than it may."""

    default_code = "program-too-slow"
    default_text = _("Making this sound took too long. Try a shorter one.")


class DidNotWork(Exception):
    """The program ended with an error; the text is its own, for the log."""


def run(command: list[str], *, given: bytes = b"", missing: Text, seconds: float = SECONDS) -> bytes:
    """What the program wrote, having read `given`. Raises Missing, TooSlow or DidNotWork."""
    program = shutil.which(command[0])
    if program is None:
        raise Missing(missing, command[0])
    bound = shutil.which("prlimit")
    limits = [bound, f"--as={MEMORY_BYTES}", f"--cpu={int(seconds) + 1}"] if bound else []
    try:
        done = subprocess.run(  # noqa: S603 -- a program found on the path, arguments of our own, no shell
            [*limits, program, *command[1:]],
            input=given,
            capture_output=True,
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired as slow:
        raise TooSlow() from slow
    if done.returncode:
        raise DidNotWork(done.stderr.decode("utf-8", "replace")[-500:])
    return done.stdout
