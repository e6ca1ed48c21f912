"""Addresses of the supervisor."""

from django.urls import path

from civicline.web.supervisor import acting, reporting, screens, views

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
