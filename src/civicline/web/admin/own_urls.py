"""Addresses that every member of staff has, whatever their role."""

from django.urls import path

from civicline.web.admin import own

urlpatterns = [
    path("", own.home, name="staff_home"),
    path("settings/", own.preferences, name="preferences"),
    path("sessions/", own.own_sessions, name="own_sessions"),
    path("sessions/<slug:handle>/end/", own.end_session, name="end_own_session"),
    path("sessions/end/", own.end_sessions, name="end_own_sessions"),
]
