"""Every address that Django answers; the live edge (`/live/...`) and `/static/` are in `config.asgi`."""

from django.urls import include, path

urlpatterns = [
    path("", include("civicline.config.health")),
    path("", include("civicline.channels.chat.urls")),
    path("accounts/", include("allauth.urls")),
    path("desk/", include("civicline.web.desk.urls")),
    path("open311/v2/", include("civicline.channels.open311.urls")),
]
