"""What a token may be good for."""

SCOPES: dict[str, str] = {
    "contacts:read": "Read contacts and their messages, with who wrote them.",
    "contacts:write": "Begin contacts, write into them for residents, and end them.",
    "cases:read": "Read cases and what was said about them.",
    "cases:write": "Open cases and write updates on them.",
    "measures:read": "Read the queues as they stand, and today's measures.",
    "webhooks:manage": "Register webhooks, read their delivery log, and send again.",
    "open311:write": "Report through Open311 with the token as api_key.",
}
