"""The addresses of GeoReport v2. Each reads parameters, asks or calls a service, and returns a document."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from civicline.cases import selectors as cases
from civicline.channels.open311 import additions, publication, reports
from civicline.channels.open311.access import KeyHolder, check_key
from civicline.channels.open311.bodies import Form, read_form, read_query
from civicline.channels.open311.catalogue import definition_document, services_document
from civicline.channels.open311.discovery import discovery_document
from civicline.channels.open311.documents import Listing
from civicline.channels.open311.endpoint import Answer, endpoint
from civicline.channels.open311.errors import refuse
from civicline.channels.open311.fields import Fields
from civicline.channels.open311.jurisdiction import check_jurisdiction, this_body
from civicline.channels.open311.limits import spend
from civicline.channels.open311.offers import get_offered, known_services, offered_services
from civicline.channels.open311.query import RequestQuery, read_request_query, read_span
from civicline.channels.open311.submission import Submission, read_submission
from civicline.channels.open311.updates import read_update
from civicline.engine import references
from civicline.kernel import actors, clock, ids

MAX_IDEMPOTENCY_KEY = 120


@endpoint("GET")
def discovery(request: HttpRequest, *, trial: bool) -> Answer:
    """`GET discovery`: where to find what."""
    body = this_body()
    base = body.public_url.rstrip("/") or request.build_absolute_uri("/").rstrip("/")
    production = base + reverse("open311:root").rstrip("/")
    document = discovery_document(body, production=production, test=f"{production}/test")
    return document, {"Content-Type": "exact"}


@endpoint("GET")
def services(request: HttpRequest, *, trial: bool) -> Answer:
    """`GET services`: what can be reported."""
    check_jurisdiction(read_query(request), this_body())
    return services_document(offered_services()), {}


@endpoint("GET")
def definition(request: HttpRequest, *, code: str, trial: bool) -> Answer:
    """`GET services/{code}`: the questions of one service."""
    check_jurisdiction(read_query(request), this_body())
    return definition_document(get_offered(code)), {}


@endpoint("GET", "POST")
def requests(request: HttpRequest, *, trial: bool) -> Answer:
    """`GET requests`: search; `POST requests`: report."""
    return _report(request, trial=trial) if request.method == "POST" else _search(request)


@endpoint("GET")
def one_request(request: HttpRequest, *, reference: str, trial: bool) -> Answer:
    """`GET requests/{id}`: how one request stands."""
    body = this_body()
    fields = read_query(request)
    check_jurisdiction(fields, body)
    extensions = fields.one("extensions").lower() in ("true", "1", "yes")
    rows = cases.list_public_cases(references=[_as_stored(reference)], histories=extensions)
    if not rows:
        raise refuse(
            404, _("The service_request_id “%(reference)s” was not found.") % {"reference": reference[:80]}
        )
    return publication.requests_document(rows, known_services(), body, extensions=extensions), {}


@endpoint("GET")
def token(request: HttpRequest, *, token: str, trial: bool) -> Answer:
    """`GET tokens/{token}`: the id that a token has become; empty while it has not."""
    check_jurisdiction(read_query(request), this_body())
    row = {"service_request_id": reports.resolve_token(token), "token": token}
    return Listing("service_requests", "request", [row]), {"Cache-Control": "no-store"}


@endpoint("GET", "POST")
def request_updates(request: HttpRequest, *, trial: bool) -> Answer:
    """`GET servicerequestupdates`: what became known; `POST`: what a resident adds. An extension in wide use."""
    body = this_body()
    if request.method == "POST":
        form, holder = _authorised(request)
        update = read_update(form.fields, zone=body.zone)
        with _acting(holder):
            update_id = (
                "TEST-" + ids.new_id().hex
                if trial
                else additions.add_update(
                    update=update, key_holder_id=holder.id, language=_language_of(request)
                )
            )
        return Listing("service_request_updates", "request_update", [{"update_id": update_id}]), {}
    fields = read_query(request)
    check_jurisdiction(fields, body)
    start, end = read_span(fields, now=clock.now(), zone=body.zone)
    return publication.updates_document(cases.list_public_entries(start=start, end=end), body), {}


@endpoint("GET", "POST", "PUT", "PATCH", "DELETE")
def unknown(request: HttpRequest, *, trial: bool, rest: str = "") -> Answer:
    """Answer any other address with an errors document instead of a page."""
    raise refuse(404, _("There is nothing at this address. Begin with discovery.xml or discovery.json."))


def _search(request: HttpRequest) -> Answer:
    body = this_body()
    fields = read_query(request)
    check_jurisdiction(fields, body)
    query = read_request_query(fields, now=clock.now(), zone=body.zone)
    rows = _find(query)
    shown, more = rows[: query.page_size], len(rows) > query.page_size
    document = publication.requests_document(shown, known_services(), body, extensions=query.extensions)
    return document, {"Link": _next_page(request, query)} if more else {}


def _find(query: RequestQuery) -> Sequence[Any]:
    """Return the page asked for and one row more, which tells whether there is another page."""
    if query.references:
        wanted = [_as_stored(reference) for reference in query.references]
        return cases.list_public_cases(references=wanted, histories=query.extensions)
    codes = list(dict.fromkeys(query.statuses))
    return cases.list_public_cases(
        service_codes=query.service_codes,
        states=publication.states_with(codes[0]) if len(codes) == 1 else None,
        opened_from=query.opened_from,
        opened_to=query.opened_to,
        updated_after=query.updated_after,
        updated_before=query.updated_before,
        histories=query.extensions,
        offset=query.offset,
        limit=query.page_size + 1,
    )


def _as_stored(reference: str) -> str:
    """Return a reference as it is stored, however it was typed; what is none stays and will not be found."""
    try:
        return str(references.parse(reference))
    except references.BadReference:
        return reference


def _next_page(request: HttpRequest, query: RequestQuery) -> str:
    parameters = request.GET.copy()
    parameters["page"] = str(query.page + 1)
    parameters["page_size"] = str(query.page_size)
    return f'<{request.build_absolute_uri(request.path)}?{urlencode(list(parameters.items()))}>; rel="next"'


def _report(request: HttpRequest, *, trial: bool) -> Answer:
    form, holder = _authorised(request)
    submission = _submission(request, form)
    with _acting(holder):
        taken = (
            reports.rehearse(submission)
            if trial
            else reports.take_in(submission, key_holder_id=holder.id, key_holder=holder.name)
        )
    named = {"token": taken.token} if taken.token else {"service_request_id": taken.service_request_id}
    notice = " ".join(filter(None, (submission.service.notice, *taken.refused_photos)))
    row = {**named, "service_notice": notice, "account_id": submission.reporter.account_id}
    headers = {"Idempotent-Replayed": "true"} if taken.repeated else {}
    return Listing("service_requests", "request", [row]), {"Cache-Control": "no-store", **headers}


def _authorised(request: HttpRequest) -> tuple[Form, KeyHolder]:
    """Return the form and who sends it, in the order of the specification: key first, then jurisdiction."""
    form = read_form(request)
    holder = check_key(form.fields)
    if holder.rate_per_minute is not None:
        spend(f"key:{holder.id}", holder.rate_per_minute)
    check_jurisdiction(form.fields, this_body())
    return form, holder


def _submission(request: HttpRequest, form: Form) -> Submission:
    fields: Fields = form.fields
    code = fields.one("service_code", max_length=64)
    if not code:
        raise refuse(400, _("service_code is missing. GET services lists them."))
    key = request.headers.get("Idempotency-Key", "").strip().strip('"')
    if len(key) > MAX_IDEMPOTENCY_KEY:
        fields.wrong(
            _("Idempotency-Key is too long: at most %(limit)s characters.") % {"limit": MAX_IDEMPOTENCY_KEY}
        )
    return read_submission(
        fields,
        get_offered(code),
        zone=this_body().zone,
        photos=form.photos,
        language=_language_of(request),
        idempotency_key=key,
    )


def _language_of(request: HttpRequest) -> str:
    """Return the resident's language, "" when the app did not say: a server that passes reports on knows none."""
    return (get_language() or "") if request.headers.get("Accept-Language") else ""


def _acting(holder: KeyHolder) -> Any:
    return actors.acting_as(actors.Actor(kind="token", id=holder.id, name=holder.name))
