"""Addresses of the screens on walls."""

from django.urls import path

from civicline.web.board import views

app_name = "board"
urlpatterns = [
    path("", views.wall, name="wall"),
    path("now", views.now, name="now"),
    path("s/<str:token>/", views.enter, name="enter"),
]
