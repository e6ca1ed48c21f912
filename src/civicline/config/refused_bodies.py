"""What a program or a person is told of a body that was refused before any page saw it.

Programs get the errors of their own interface, so that a client needs no second way to read a "no".
"""

import json

from starlette.datastructures import Headers
from starlette.types import Scope

from civicline.api.problems import CONTENT_TYPE, Problem
from civicline.channels.open311.documents import errors_document, render
from civicline.channels.open311.errors import Fault
from civicline.channels.open311.formats import Format, accepted_format
from civicline.kernel import ids

API = "/api/v1"
OPEN311 = "/open311/v2/"


def refusal(scope: Scope, status: int, words: str) -> tuple[str, bytes]:
    """Return the Content-Type and the body of the answer to a request that is refused with `status`."""
    path = str(scope.get("path", ""))
    if path.startswith(f"{API}/"):
        return CONTENT_TYPE, _problem(path, status, words)
    if path.startswith(OPEN311):
        fmt = _format(path, Headers(scope=scope).get("accept", ""))
        return fmt.content_type, render(errors_document([Fault(status, words)]), fmt)
    return "text/plain; charset=utf-8", words.encode() + b"\n"


def _problem(path: str, status: int, words: str) -> bytes:
    problem = Problem("too-large" if status == 413 else "malformed", words, status=status)
    # The kind's address stays relative (RFC 9457, 3.1.1): the host of this request has not been checked yet.
    return json.dumps(problem.document(base=API, instance=path[:500], request_id=ids.new_id().hex)).encode()


def _format(path: str, accept: str) -> Format:
    for fmt in Format:
        if path.rstrip("/").lower().endswith(f".{fmt}"):
            return fmt
    return accepted_format(accept)
