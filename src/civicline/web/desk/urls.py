"""Addresses of the desk."""

from django.urls import path

from civicline.web.desk import acting, casefile, casework, finding, views

app_name = "desk"
urlpatterns = [
    path("", views.home, name="home"),
    path("offers", views.offers, name="offers"),
    path("offers/<uuid:offer_id>/accept", acting.accept, name="accept"),
    path("offers/<uuid:offer_id>/decline", acting.decline, name="decline"),
    path("hand", views.in_hand, name="hand"),
    path("pulse", views.pulse, name="pulse"),
    path("bell", views.bell, name="bell"),
    path("presence", acting.presence, name="presence"),
    path("settings", acting.settings, name="settings"),
    path("files/<uuid:attachment_id>", views.file, name="file"),
    path("search", finding.search, name="search"),
    path("palette", finding.palette, name="palette"),
    path("colleagues", finding.colleagues, name="colleagues"),
    path("people/<uuid:resident_id>/", finding.resident, name="resident"),
    path("c/<uuid:contact_id>/", views.contact, name="contact"),
    path("c/<uuid:contact_id>/now", views.now, name="now"),
    path("c/<uuid:contact_id>/side", views.side, name="side"),
    path("c/<uuid:contact_id>/say", acting.say, name="say"),
    path("c/<uuid:contact_id>/transfer", acting.transfer, name="transfer"),
    path("c/<uuid:contact_id>/consult", acting.consult, name="consult"),
    path("c/<uuid:contact_id>/wrap-up", acting.wrap_up, name="wrap_up"),
    path("c/<uuid:contact_id>/reopen", acting.reopen, name="reopen"),
    path("c/<uuid:contact_id>/complete", acting.complete, name="complete"),
    path("c/<uuid:contact_id>/texts", finding.texts, name="texts"),
    path("c/<uuid:contact_id>/texts/<slug:code>", finding.use_text, name="use_text"),
    path("c/<uuid:contact_id>/open-case", casework.open_case, name="open_case"),
    path("c/<uuid:contact_id>/link-case", casework.link_contact, name="link_contact"),
    path("cases/", casefile.listing, name="cases"),
    path("cases/<str:reference>/", casefile.case, name="case"),
    path("cases/<str:reference>/now", casefile.now, name="case_now"),
    path("cases/<str:reference>/step", casework.step, name="case_step"),
    path("cases/<str:reference>/note", casework.note, name="case_note"),
    path("cases/<str:reference>/update", casework.update, name="case_update"),
    path("cases/<str:reference>/owner", casework.owner, name="case_owner"),
    path("cases/<str:reference>/link", casework.link, name="case_link"),
    path("cases/<str:reference>/unlink", casework.unlink, name="case_unlink"),
    path("cases/<str:reference>/merge", casework.merge, name="case_merge"),
    path("cases/<str:reference>/split", casework.split, name="case_split"),
    path("cases/<str:reference>/follow", casework.follow, name="case_follow"),
    path("cases/<str:reference>/reopen", casework.reopen, name="case_reopen"),
]
