"""Addresses of the residents' pages; `config.urls` puts the language before them: /en/, /ar/ ..."""

from django.urls import path

from civicline.web.portal import (
    about,
    adding,
    called_back,
    calling,
    feedback,
    forms,
    home,
    looking_up,
    status,
    video,
)

app_name = "portal"
urlpatterns = [
    path("", home.home, name="home"),
    path("waits/", home.waits, name="waits"),
    path("search/", home.search, name="search"),
    path("services/<slug:code>/", home.service, name="service"),
    path("services/<slug:code>/form/", forms.start, name="form_start"),
    path("form/<uuid:draft_id>/", forms.go_on, name="form"),
    path("form/<uuid:draft_id>/saved/", forms.saved, name="form_saved"),
    path("form/<uuid:draft_id>/check/", forms.check_answers, name="form_check"),
    path("form/<uuid:draft_id>/sent/", forms.sent, name="form_sent"),
    path("form/<uuid:draft_id>/<slug:step>/", forms.question, name="form_question"),
    path("resume/<str:secret>/", forms.resume, name="resume"),
    path("status/", looking_up.look_up, name="status"),
    path("status/<str:reference>/", status.status, name="case"),
    path("status/<str:reference>/add/", adding.add, name="case_add"),
    path("status/<str:reference>/step/<slug:step>/", status.step, name="case_step"),
    path("status/<str:reference>/calls/<uuid:callback_id>/off/", called_back.call_off, name="call_off"),
    path("status/<str:reference>/close/", status.close, name="case_close"),
    path("status/<str:reference>/files/<uuid:file_id>/", status.file, name="case_file"),
    path("status/<str:reference>/feedback/", feedback.feedback, name="feedback"),
    path("open/<str:reference>/<str:secret>/", looking_up.open_by_link, name="open"),
    path("call/", calling.call, name="call"),
    path("call/line/", calling.line, name="call_line"),
    path("call/video/", video.call, name="video"),
    path("call/video/line/", video.line, name="video_line"),
    path("call/video/now/", video.now, name="video_now"),
    path("call/video/camera/", video.camera, name="video_camera"),
    path("call/video/say/", video.say, name="video_say"),
    path("call/video/waive/", video.waive, name="video_waive"),
    path("accessibility/", about.accessibility, name="accessibility"),
    path("privacy/", about.privacy, name="privacy"),
]
