"""Addresses of administration."""

from django.urls import path

from civicline.web.admin import (
    abilities,
    catalogue,
    connections,
    crew,
    lines,
    overview,
    pledges,
    questions,
    rights,
    timetable,
    trail,
    wording,
)

app_name = "admin"
urlpatterns = [
    path("", overview.home, name="home"),
    path("services/", catalogue.services, name="services"),
    path("services/new/", catalogue.new_service, name="new_service"),
    path("services/<slug:code>/", catalogue.service, name="service"),
    path("services/<slug:code>/retire/", catalogue.retire_service, name="retire_service"),
    path("services/<slug:code>/questions/new/", questions.new_question, name="new_question"),
    path("services/<slug:code>/questions/<slug:question>/", questions.question, name="question"),
    path(
        "services/<slug:code>/questions/<slug:question>/move/", questions.move_question, name="move_question"
    ),
    path(
        "services/<slug:code>/questions/<slug:question>/drop/", questions.drop_question, name="drop_question"
    ),
    path("queues/", lines.queues, name="queues"),
    path("queues/new/", lines.new_queue, name="new_queue"),
    path("queues/<slug:code>/", lines.queue, name="queue"),
    path("queues/<slug:code>/retire/", lines.retire_queue, name="retire_queue"),
    path("hours/", timetable.calendars, name="calendars"),
    path("hours/new/", timetable.new_calendar, name="new_calendar"),
    path("hours/<slug:code>/", timetable.calendar, name="calendar"),
    path("skills/", abilities.skills, name="skills"),
    path("skills/new/", abilities.new_skill, name="new_skill"),
    path("skills/<slug:code>/", abilities.skill, name="skill"),
    path("staff/", crew.staff, name="staff"),
    path("staff/invite/", crew.invite, name="invite"),
    path("staff/<uuid:user_id>/", crew.person, name="person"),
    path("staff/<uuid:user_id>/link/", crew.person_link, name="person_link"),
    path("staff/<uuid:user_id>/active/", crew.person_active, name="person_active"),
    path("staff/<uuid:user_id>/sign-out/", crew.person_sign_out, name="person_sign_out"),
    path("promises/", pledges.promises, name="promises"),
    path("promises/new/", pledges.new_promise, name="new_promise"),
    path("promises/<int:policy_id>/", pledges.promise, name="promise"),
    path("promises/<int:policy_id>/drop/", pledges.drop_promise, name="drop_promise"),
    path("texts/", wording.texts, name="texts"),
    path("texts/new/", wording.new_text, name="new_text"),
    path("texts/<slug:code>/", wording.text, name="text"),
    path("messages/", wording.messages, name="messages"),
    path("messages/new/", wording.new_message, name="new_message"),
    path("messages/<int:message_id>/", wording.message, name="message"),
    path("residents/", rights.residents, name="residents"),
    path("residents/<uuid:resident_id>/export/", rights.export, name="resident_export"),
    path("residents/<uuid:resident_id>/erase/", rights.erase, name="resident_erase"),
    path("connections/", connections.home, name="connections"),
    path("audit/", trail.log, name="audit"),
    path("audit/export.csv", trail.export, name="audit_csv"),
]
