"""Addresses of the pages about webhooks."""

from django.urls import path

from civicline.config import webhook_log, webhook_pages

urlpatterns = [
    path("", webhook_pages.webhooks, name="webhooks"),
    path("new/", webhook_pages.new_webhook, name="new_webhook"),
    path("<uuid:webhook_id>/", webhook_pages.webhook, name="webhook"),
    path("<uuid:webhook_id>/active/", webhook_pages.set_active, name="webhook_active"),
    path("<uuid:webhook_id>/secret/", webhook_pages.new_secret, name="webhook_secret"),
    path("<uuid:webhook_id>/remove/", webhook_pages.remove, name="webhook_remove"),
    path("<uuid:webhook_id>/test/", webhook_log.test, name="webhook_test"),
    path("<uuid:webhook_id>/log/", webhook_log.log, name="webhook_log"),
    path("<uuid:webhook_id>/log/<int:delivery_id>/again/", webhook_log.again, name="webhook_again"),
]
