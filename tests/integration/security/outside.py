"""How each address of residents and of other systems opens, written by hand: a new one has to be put here.

A route is named as the resolver has it, without the room before it and, for Open311, without its ending.
"""

from __future__ import annotations

PUBLIC = "public"

CHAT: dict[str, str] = {
    "widget": PUBLIC,
    "start": PUBLIC,
    "offer": PUBLIC,
    "conversation": "the contact's secret",
    "news": "the contact's secret",
    "say": "the contact's secret",
    "seen": "the contact's secret",
    "leave": "the contact's secret",
    "end": "the contact's secret",
    "file": "the contact's secret",
    "transcript_text": "the contact's secret",
    "transcript_page": "the contact's secret",
}

PORTAL: dict[str, str] = {
    "home": PUBLIC,
    "waits": PUBLIC,
    "search": PUBLIC,
    "service": PUBLIC,
    "form_start": PUBLIC,
    "status": PUBLIC,
    "call": PUBLIC,
    "call_line": PUBLIC,  # limited by address; tested in tests/integration/channels/voice/test_browser_lines.py
    "video": PUBLIC,
    "video_line": PUBLIC,  # as call_line
    "video_now": "the secret of the visit's ticket",
    "video_camera": "the secret of the visit's ticket",
    "video_say": "the secret of the visit's ticket",
    "video_waive": "the secret of the visit's ticket",
    "accessibility": PUBLIC,
    "privacy": PUBLIC,
    "form": "the draft's secret",
    "form_saved": "the draft's secret",
    "form_check": "the draft's secret",
    "form_sent": "the draft's secret",
    "form_question": "the draft's secret",
    "resume": "a secret in the link",
    "open": "a secret in the link",
    "case": "the case's secret",
    "case_add": "the case's secret",
    "case_step": "the case's secret",
    "case_close": "the case's secret",
    "call_off": "the case's secret",
    "case_file": "the case's secret",
    "feedback": "the case's secret",
}

KEY = "a key to write"
OPEN311: dict[str, str] = {
    "^discovery": PUBLIC,
    "^services": PUBLIC,
    "^services/(?P<code>[^/.]+)": PUBLIC,
    "^requests": KEY,
    "^requests/(?P<reference>[^/.]+)": PUBLIC,
    "^tokens/(?P<token>[^/.]+)": PUBLIC,
    "^servicerequestupdates": PUBLIC,
    "": PUBLIC,
    "^(?P<rest>.*)$": PUBLIC,
}

API: dict[str, dict[str, str]] = {
    "openapi.json": {"GET": PUBLIC},
    "docs": {"GET": PUBLIC},
    "services": {"GET": PUBLIC},
    "services/<str:code>": {"GET": PUBLIC},
    "services/<str:code>/wait": {"GET": PUBLIC},
    "cases": {"GET": "cases:read", "POST": "cases:write"},
    "cases/<str:case_id>": {"GET": "cases:read"},
    "cases/<str:case_id>/updates": {"GET": "cases:read", "POST": "cases:write"},
    "contacts": {"GET": "contacts:read", "POST": "contacts:write"},
    "contacts/<str:contact_id>": {"GET": "contacts:read"},
    "contacts/<str:contact_id>/messages": {"GET": "contacts:read", "POST": "contacts:write"},
    "contacts/<str:contact_id>/leave": {"POST": "contacts:write"},
    "contacts/<str:contact_id>/wait": {"GET": "contacts:read"},
    "queues": {"GET": "measures:read"},
    "measures/today": {"GET": "measures:read"},
    "webhooks": {"GET": "webhooks:manage", "POST": "webhooks:manage"},
    "webhooks/<str:webhook_id>": dict.fromkeys(("GET", "PATCH", "DELETE"), "webhooks:manage"),
    "webhooks/<str:webhook_id>/test": {"POST": "webhooks:manage"},
    "webhooks/<str:webhook_id>/deliveries": {"GET": "webhooks:manage"},
    "webhooks/<str:webhook_id>/deliveries/<str:delivery_id>/redeliver": {"POST": "webhooks:manage"},
    "": {},
    "<path:rest>": {},
}
"""Scope by method; what is not written is refused for everybody."""

BY_CONTACT = "contacts/<str:contact_id>"
"""Below it the secret of that contact opens what a scope would."""
