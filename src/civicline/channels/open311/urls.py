"""The addresses below `/open311/v2/`. The same again below `test/`, where a report is checked but not kept."""

from django.urls import URLPattern, include, path, re_path

from civicline.channels.open311 import views

app_name = "open311"

_EXTENSION = r"(?:\.(?P<extension>[A-Za-z0-9]{1,20}))?/?$"


def _addresses(*, trial: bool) -> list[URLPattern]:
    how = {"trial": trial}
    return [
        re_path(r"^discovery" + _EXTENSION, views.discovery, how),
        re_path(r"^services" + _EXTENSION, views.services, how),
        re_path(r"^services/(?P<code>[^/.]+)" + _EXTENSION, views.definition, how),
        re_path(r"^requests" + _EXTENSION, views.requests, how),
        re_path(r"^requests/(?P<reference>[^/.]+)" + _EXTENSION, views.one_request, how),
        re_path(r"^tokens/(?P<token>[^/.]+)" + _EXTENSION, views.token, how),
        re_path(r"^servicerequestupdates" + _EXTENSION, views.request_updates, how),
    ]


urlpatterns = [
    *_addresses(trial=False),
    path("test/", include(_addresses(trial=True))),
    path("", views.unknown, {"trial": False}, name="root"),
    re_path(r"^(?P<rest>.*)$", views.unknown, {"trial": False}),
]
