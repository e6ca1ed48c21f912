"""Parts of a sound, as players ask for them (RFC 9110, section 14): one range; all of it for anything else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

if TYPE_CHECKING:
    from civicline.channels.voice.recordings.vault import Stored

RANGE = re.compile(r"bytes=(\d{0,15})-(\d{0,15})")
TYPE = "audio/wav"


def range_of(asked: str, length: int) -> tuple[int, int] | None:
    """The (start, end) that a Range header asks for, end not included; None for all.

    An empty pair (start == end) cannot be answered: it begins behind the end, or asks for nothing.
    """
    found = RANGE.fullmatch(asked.strip())
    if found is None or found.group(0) == "bytes=-":
        return None
    first, last = found[1], found[2]
    if not first:
        count = min(int(last), length)
        return (length - count, length)
    start, end = int(first), min(int(last) + 1, length) if last else length
    if last and int(last) < start:
        return None  # no range at all, so it is left out of account
    return (start, end) if start < length else (length, length)


def begin_of(asked: str, length: int) -> int:
    """The first byte that the answer to this Range header holds."""
    part = range_of(asked, length)
    return part[0] if part is not None else 0


def sound_response(stored: Stored, asked: str, *, name: str = "") -> HttpResponseBase:
    """The sound, or the part of it that was asked for; with a `name` to keep it. Never cached anywhere."""
    part = range_of(asked, stored.length)
    start, end = part if part is not None else (0, stored.length)
    response: HttpResponseBase
    if start == end:
        response = HttpResponse(status=416)
        response.headers["Content-Range"] = f"bytes */{stored.length}"
    else:
        response = StreamingHttpResponse(
            _pieces(stored, start, end), status=206 if part else 200, content_type=TYPE
        )
        response.headers["Content-Length"] = str(end - start)
        if part:
            response.headers["Content-Range"] = f"bytes {start}-{end - 1}/{stored.length}"
    response.headers["Accept-Ranges"] = "bytes"
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["Content-Security-Policy"] = "default-src 'none'; media-src 'self'; sandbox"
    if name:
        response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _pieces(stored: Stored, start: int, end: int) -> Iterator[bytes]:
    yield from stored.read(start, end)
