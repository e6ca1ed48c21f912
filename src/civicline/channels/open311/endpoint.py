"""What every Open311 address has in common: format, language, limits, CORS, and errors as documents."""

import functools
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.translation import get_language_from_request
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from civicline.channels.open311.documents import Document, errors_document, render
from civicline.channels.open311.errors import Fault, RefusalError, refuse
from civicline.channels.open311.formats import Format, accepted_format, wanted_format
from civicline.channels.open311.limits import spend
from civicline.kernel.db import refusal_of
from civicline.kernel.errors import Invalid, Refused, Unavailable
from civicline.kernel.limits import Allowance

log = structlog.get_logger(__name__)

READS = ("GET", "HEAD", "OPTIONS")
MAX_PIECE = 200  # characters of an id, code or token in an address
RETRY_AFTER_S = 5  # when the database is busy

Answer = tuple[Document, Mapping[str, str]]
View = Callable[..., Answer]


def endpoint(*methods: str) -> Callable[[View], Callable[..., HttpResponse]]:
    """Make a Django view of a function `(request, **captured) -> (document, headers)`.

    The function raises `RefusalError` or the kernel's `Refused`; whatever happens, the caller gets a document in
    the format asked for, in the language asked for.
    """

    def decorate(view: View) -> Callable[..., HttpResponse]:
        @csrf_exempt  # no cookie means anything here: who writes shows a key
        @functools.wraps(view)
        def answer(request: HttpRequest, extension: str | None = None, **captured: Any) -> HttpResponse:
            with translation.override(get_language_from_request(request)):
                return _answer(view, methods, request, extension or "", captured)

        return answer

    return decorate


def _answer(
    view: View, methods: Sequence[str], request: HttpRequest, extension: str, captured: dict[str, Any]
) -> HttpResponse:
    fmt = _error_format(request, extension)
    allowance: Allowance | None = None
    try:
        fmt = wanted_format(extension, request.headers.get("Accept", ""))
        if request.method == "OPTIONS":
            return _with_common(_preflight(methods), request)
        _check_method(request, methods)
        _check_address(captured)
        allowance = _spend(request)
        document, headers = view(request, **captured)
        response = _respond(document, fmt, 200, headers)
    except RefusalError as error:
        response = _refused(error, fmt)
    except Refused as error:
        response = _refused(_as_refusal(error), fmt)
    except Exception as error:
        response = _failed(error, request, fmt)
    if allowance is not None:
        for name, value in allowance.headers().items():
            response.headers[name] = value
    return _with_common(response, request)


def _failed(error: Exception, request: HttpRequest, fmt: Format) -> HttpResponse:
    refused = refusal_of(error)
    if isinstance(refused, Refused):
        return _refused(_as_refusal(refused), fmt)
    log.error("open311.failed", path=request.path, exc_info=error)
    fault = Fault(500, _("Something went wrong on our side. Nothing you sent is at fault. Please try again."))
    return _refused(RefusalError(fault), fmt)


def _spend(request: HttpRequest) -> Allowance:
    address = request.META.get("REMOTE_ADDR", "")
    if request.method in READS:
        return spend(f"read:{address}", settings.CIVICLINE.open311_reads_per_minute)
    return spend(f"write:{address}", settings.CIVICLINE.open311_reports_per_minute)


def _respond(document: Document, fmt: Format, status: int, headers: Mapping[str, str]) -> HttpResponse:
    given = dict(headers)
    content_type = given.pop("Content-Type", fmt.content_type)
    if content_type == "exact":  # discovery: clients compare the whole header with the media type
        content_type = fmt.media_type
    return HttpResponse(render(document, fmt), status=status, content_type=content_type, headers=given)


def _refused(error: RefusalError, fmt: Format) -> HttpResponse:
    response = _respond(errors_document(error.faults), fmt, error.status, {"Cache-Control": "no-store"})
    if error.retry_after is not None:
        response.headers["Retry-After"] = str(error.retry_after)
    if error.allow:
        response.headers["Allow"] = ", ".join((*error.allow, "OPTIONS"))
    return response


def _as_refusal(error: Refused) -> RefusalError:
    sentences = list(error.field_messages().values()) if isinstance(error, Invalid) else []
    faults = [Fault(error.status, sentence) for sentence in sentences] or [
        Fault(error.status, error.message())
    ]
    return RefusalError(faults, retry_after=RETRY_AFTER_S if isinstance(error, Unavailable) else None)


def _error_format(request: HttpRequest, extension: str) -> Format:
    try:
        return Format(extension.lower())
    except ValueError:
        return accepted_format(request.headers.get("Accept", ""))


def _check_method(request: HttpRequest, methods: Sequence[str]) -> None:
    method = request.method or ""
    if method in methods or (method == "HEAD" and "GET" in methods):
        return
    words = _("%(method)s is not possible here; use %(methods)s.")
    fault = Fault(405, words % {"method": method[:20], "methods": ", ".join(methods)})
    raise RefusalError(fault, allow=methods)


def _check_address(captured: Mapping[str, Any]) -> None:
    """Refuse pieces of an address that no row can have; a NUL byte would upset PostgreSQL."""
    for piece in captured.values():
        if isinstance(piece, str) and (len(piece) > MAX_PIECE or not piece.isprintable()):
            raise refuse(
                404, _("There is nothing at this address. Begin with discovery.xml or discovery.json.")
            )


def _preflight(methods: Sequence[str]) -> HttpResponse:
    response = HttpResponse(status=204)
    response.headers["Allow"] = ", ".join((*methods, "OPTIONS"))
    response.headers["Access-Control-Allow-Methods"] = "GET, HEAD"
    response.headers["Access-Control-Allow-Headers"] = "Accept, Accept-Language"
    response.headers["Access-Control-Max-Age"] = "86400"
    return response


def _with_common(response: HttpResponse, request: HttpRequest) -> HttpResponse:
    if request.method in READS:
        response.headers["Access-Control-Allow-Origin"] = "*"
        response.headers["Access-Control-Expose-Headers"] = (
            "Link, Retry-After, RateLimit-Limit, RateLimit-Remaining"
        )
    response.headers["Content-Language"] = translation.get_language() or "en"
    patch_vary_headers(response, ("Accept", "Accept-Language"))
    return response
