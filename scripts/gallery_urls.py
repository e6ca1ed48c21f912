"""The gallery has no addresses of its own."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
