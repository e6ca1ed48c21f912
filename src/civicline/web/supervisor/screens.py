"""Letting a screen on a wall in: an administrator makes a link that shows the board and nothing else."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_POST

from civicline.kernel import audit
from civicline.web.live.house import wall_token
from civicline.web.supervisor.access import supervisor_view
from civicline.web.supervisor.pages import page


@require_GET
@supervisor_view("config.edit")
def screens(request: HttpRequest) -> HttpResponseBase:
    """How a screen is set up."""
    return page(request, "supervisor/screens.html", {"link": "", "name": ""}, section="wall")


@require_POST
@supervisor_view("config.edit")
def make_link(request: HttpRequest) -> HttpResponseBase:
    """Make the link for one screen, good for about a year; shown once."""
    name = " ".join(request.POST.get("name", "").split())[:60]
    if len(name) < 2:
        messages.error(request, gettext("Say which screen it is, like Hall, first floor."))
        return HttpResponseRedirect(reverse("supervisor:screens"))
    link = request.build_absolute_uri(reverse("board:enter", args=[wall_token(name)]))
    audit.record("wall.link_made", object=("wall", name))
    return page(request, "supervisor/screens.html", {"link": link, "name": name}, section="wall")
