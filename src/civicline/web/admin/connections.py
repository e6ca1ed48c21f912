"""What is connected: other programs, other sites' pages, wall screens."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_GET

from civicline.web.admin import pages
from civicline.web.admin.access import admin_view


@require_GET
@admin_view("token.edit")
def home(request: HttpRequest) -> HttpResponse:
    """The ways in for other systems, and what each needs."""
    base = settings.CIVICLINE.public_url.rstrip("/") if settings.CIVICLINE.public_url else ""
    base = base or request.build_absolute_uri("/").rstrip("/")
    board = pages.address_or_none("board:wall") or pages.address_or_none("supervisor:wall")
    context = {
        "title": gettext("Connections"),
        "meta": gettext("Other programs, other sites and wall screens."),
        "origins": list(settings.CIVICLINE.embed_origins),
        "widget": f'<script src="{base}/widget.js" async></script>',
        "open311": f"{base}/open311/v2/discovery.json",
        "wall": f"{base}{board}" if board else "",
        "providers": [provider.name for provider in settings.CIVICLINE.oidc],
    }
    return pages.page(request, "admin/connections.html", context, section="connections")
