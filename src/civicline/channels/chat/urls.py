"""Addresses of the web chat; `config.urls` includes them at the root, because the widget's script stands there."""

from django.urls import path

from civicline.channels.chat import conversation, start, transcript, widget

app_name = "chat"
urlpatterns = [
    path("widget.js", widget.script, name="widget"),
    path("chat/", start.start, name="start"),
    path("chat/offer.json", widget.offer, name="offer"),
    path("chat/<uuid:contact_id>/", conversation.conversation, name="conversation"),
    path("chat/<uuid:contact_id>/news", conversation.news, name="news"),
    path("chat/<uuid:contact_id>/say", conversation.say, name="say"),
    path("chat/<uuid:contact_id>/seen", conversation.seen, name="seen"),
    path("chat/<uuid:contact_id>/leave", conversation.leave, name="leave"),
    path("chat/<uuid:contact_id>/end", conversation.end, name="end"),
    path("chat/<uuid:contact_id>/files/<uuid:file_id>", conversation.file, name="file"),
    path("chat/<uuid:contact_id>/transcript.txt", transcript.transcript_text, name="transcript_text"),
    path("chat/<uuid:contact_id>/transcript.html", transcript.transcript_page, name="transcript_page"),
]
