"""The ways to a case: by reference and code, or by the link that was kept."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_safe

from civicline.channels.webform.answers import clean_words
from civicline.kernel.errors import NotFound
from civicline.web.portal import keys, limits
from civicline.web.portal.owning import find, known_form
from civicline.web.portal.pages import draw, portal_page

NEXT = frozenset({"feedback"})


@require_http_methods(["GET", "HEAD", "POST"])
@portal_page
def look_up(request: HttpRequest) -> HttpResponseBase:
    """Ask for reference and code."""
    typed = {"reference": request.GET.get("reference", "")[:60], "code": ""}
    then = request.GET.get("next", "")
    if request.method != "POST":
        return _look_up_page(request, typed, {}, 200)
    limits.spend(limits.LOOKS, limits.address_of(request))
    typed = {name: clean_words(request.POST.get(name, ""))[:200] for name in ("reference", "code")}
    problems = _typed_wrong(typed)
    if problems:
        return _look_up_page(request, typed, problems, 400)
    found = find(typed["reference"], typed["code"])
    if found is None:
        limits.spend(limits.MISSES, known_form(typed["reference"]))
        problems["reference"] = gettext("We cannot find a case with this reference and this code. Check both")
        return _look_up_page(request, typed | {"code": ""}, problems, 400)
    name = "portal:feedback" if then in NEXT else "portal:case"
    response = HttpResponseRedirect(reverse(name, args=[found.reference]))
    keys.give_case(response, found.reference, found.secret)
    return response


def _typed_wrong(typed: dict[str, str]) -> dict[str, str]:
    """What can be told from the letters alone."""
    problems = {}
    if not known_form(typed["reference"]):
        problems["reference"] = gettext(
            "Enter the reference as it stands in our message, like %(example)s"
        ) % {"example": f"{settings.CIVICLINE.town_reference_prefix}-4K7-291"}
    if not typed["code"]:
        problems["code"] = gettext("Enter the code that stands under the reference")
    return problems


def _look_up_page(
    request: HttpRequest, typed: dict[str, str], problems: dict[str, str], status: int
) -> HttpResponseBase:
    context = {
        "title": gettext("Check a case"),
        "section": gettext("Check a case"),
        "typed": typed,
        "problems": problems,
        "errors": [{"text": text, "href": f"#{name}"} for name, text in problems.items()],
    }
    return draw(request, "portal/status_look_up.html", context, status)


@require_safe
@portal_page
def open_by_link(request: HttpRequest, reference: str, secret: str) -> HttpResponseBase:
    """Take the secret out of a kept link, into a cookie, and show the case."""
    limits.spend(limits.LINKS, limits.address_of(request))
    found = find(reference, secret)
    if found is None:
        limits.spend(limits.MISSES, known_form(reference))
        raise NotFound(
            gettext(
                "This link opens nothing. Check that it is whole, or look up your case by reference and code."
            )
        )
    name = "portal:feedback" if request.GET.get("next", "") in NEXT else "portal:case"
    response = HttpResponseRedirect(reverse(name, args=[found.reference]))
    response.headers["Referrer-Policy"] = "no-referrer"
    keys.give_case(response, found.reference, found.secret)
    return response
