"""Our addresses and one behind which something breaks."""

from django.http import HttpRequest, HttpResponse
from django.urls import path

from civicline.config import urls


def fault(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("secret inside")


urlpatterns = [path("en/fault/", fault), *urls.urlpatterns]
handler500 = urls.handler500
