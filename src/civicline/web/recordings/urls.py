"""Addresses of recordings."""

from django.urls import path

from civicline.web.recordings import listing, playing, rules

app_name = "recordings"
urlpatterns = [
    path("", listing.listing, name="list"),
    path("rules/", rules.rules, name="rules"),
    path("rules/<slug:code>", rules.save_rule, name="save_rule"),
    path("messages/<uuid:recording_id>/", playing.message, name="message"),
    path("messages/<uuid:recording_id>/sound", playing.message_sound, name="message_sound"),
    path("of/<uuid:contact_id>", playing.of_contact, name="of_contact"),
    path("<uuid:recording_id>/", playing.recording, name="recording"),
    path("<uuid:recording_id>/open", playing.opened, name="open"),
    path("<uuid:recording_id>/sound", playing.sound_of, name="sound"),
    path("<uuid:recording_id>/download", playing.download, name="download"),
]
