"""Every address that Django answers; the live edge (`/live/...`) and `/static/` are in `config.asgi`."""

from django.conf.urls.i18n import i18n_patterns
from django.urls import include, path

from civicline.config import api_keys, provider_sign_in
from civicline.web.portal.errors import front_door

urlpatterns = [
    path("", include("civicline.config.health")),
    path("", include("civicline.channels.chat.urls")),
    path("accounts/oidc/<str:provider_id>/login/", provider_sign_in.begin, name="openid_connect_login"),
    path(
        "accounts/oidc/<str:provider_id>/login/callback/",
        provider_sign_in.come_back,
        name="openid_connect_callback",
    ),
    path("accounts/", include("allauth.urls")),
    path("desk/", include("civicline.web.desk.urls")),
    path("supervisor/", include("civicline.web.supervisor.urls")),
    path("board/", include("civicline.web.board.urls")),
    path("plan/", include("civicline.web.planner.urls")),
    path("my/", include("civicline.web.mine.urls")),
    path("recordings/", include("civicline.web.recordings.urls")),
    path("admin/", include("civicline.web.admin.urls")),
    path("admin/connections/keys/", api_keys.tokens, name="api_keys"),
    path("admin/connections/keys/<uuid:token_id>/revoke/", api_keys.revoke, name="revoke_api_key"),
    path("admin/connections/webhooks/", include("civicline.config.webhook_urls")),
    path("staff/", include("civicline.web.admin.own_urls")),
    path("open311/v2/", include("civicline.channels.open311.urls")),
    path("api/v1/", include("civicline.api.urls")),
    path("", front_door, name="front_door"),
    *i18n_patterns(path("", include("civicline.web.portal.urls"))),
]

handler400 = "civicline.web.portal.errors.bad_request"
handler403 = "civicline.web.portal.errors.forbidden"
handler404 = "civicline.web.portal.errors.not_found"
handler500 = "civicline.web.portal.errors.server_error"
