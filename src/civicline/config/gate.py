"""The look of django-allauth's own pages (second factor, passkeys, recovery codes): our shell and our form fields.

allauth's pages are in Django's template language; its layouts and elements are replaced in `config/templates`, and
this library gives those what Jinja2 pages have anyway.
"""

from django import template
from django.conf import settings
from django.forms import BaseForm
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.translation import get_language, get_language_bidi
from markupsafe import Markup

from civicline.config.jinja import static

register = template.Library()


@register.filter
def as_fields(form: BaseForm) -> str:
    """Return the errors and fields of a form as on all our pages (escaped by Jinja2's autoescape)."""
    return Markup(render_to_string("account/_fields.html", {"form": form}))  # noqa: S704 -- see above


def shell(request: HttpRequest) -> dict[str, object]:
    """Context processor: what the shell of these pages shows."""
    return {
        "shell": {
            "town": settings.CIVICLINE.town_name,
            "language": get_language(),
            "direction": "rtl" if get_language_bidi() else "ltr",
            "sheet": static("portal.css"),
            "script": static("portal.js"),
            "mark": static("mark.svg"),
        }
    }


def providers(request: HttpRequest) -> dict[str, object]:
    """Context processor: the identity providers that the sign-in page offers."""
    return {"providers": settings.CIVICLINE.oidc}
