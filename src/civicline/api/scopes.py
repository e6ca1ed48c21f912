"""What a token may be good for."""

from django.utils.translation import gettext_noop

SCOPES: dict[str, str] = {
    "contacts:read": gettext_noop("Read contacts and their messages, with who wrote them."),
    "contacts:write": gettext_noop("Begin contacts, write into them for residents, and end them."),
    "cases:read": gettext_noop("Read cases and what was said about them."),
    "cases:write": gettext_noop("Open cases and write updates on them."),
    "measures:read": gettext_noop("Read the queues as they stand, and today's measures."),
    "webhooks:manage": gettext_noop("Register webhooks, read their delivery log, and send again."),
    "open311:write": gettext_noop("Report through Open311 with the token as api_key."),
}
