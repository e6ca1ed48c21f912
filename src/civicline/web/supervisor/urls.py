"""Addresses of the supervisor."""

from django.urls import path

from civicline.web.supervisor import acting, calls, reporting, screens, views

app_name = "supervisor"
urlpatterns = [
    path("", views.home, name="home"),
    path("now", views.now, name="now"),
    path("q/<slug:code>/", views.queue, name="queue"),
    path("c/<uuid:contact_id>/", acting.contact, name="contact"),
    path("c/<uuid:contact_id>/move", acting.move, name="move"),
    path("c/<uuid:contact_id>/assign", acting.assign, name="assign"),
    path("c/<uuid:contact_id>/prioritise", acting.prioritise, name="prioritise"),
    path("c/<uuid:contact_id>/take", acting.take_over, name="take_over"),
    path("calls/", calls.calls, name="calls"),
    path("calls/now", calls.now, name="calls_now"),
    path("calls/<uuid:contact_id>/", calls.call, name="call"),
    path("calls/<uuid:contact_id>/listen", calls.listen, name="call_listen"),
    path("calls/<uuid:contact_id>/whisper", calls.whisper, name="call_whisper"),
    path("calls/<uuid:contact_id>/barge", calls.barge, name="call_barge"),
    path("calls/<uuid:contact_id>/stop", calls.stop, name="call_stop"),
    path("calls/<uuid:contact_id>/take-over", calls.take_over, name="call_take_over"),
    path("p/<uuid:agent_id>/", acting.person, name="person"),
    path("p/<uuid:agent_id>/presence", acting.presence, name="presence"),
    path("alarms/<int:alarm_id>/take", acting.take_alarm, name="take_alarm"),
    path("alarms/<int:alarm_id>/snooze", acting.snooze_alarm, name="snooze_alarm"),
    path("screens/", screens.screens, name="screens"),
    path("screens/link", screens.make_link, name="make_link"),
    path("report/", reporting.report, name="report"),
    path("report.csv", reporting.report_csv, name="report_csv"),
    path("contacts.csv", reporting.contacts_csv, name="contacts_csv"),
]
