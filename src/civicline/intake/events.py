"""Events of intake and of a contact's life, by name and version."""

from civicline.kernel.events import EventType

CONTACT_RECEIVED = EventType("contact.received", version=1)
CONTACT_QUEUED = EventType("contact.queued", version=1)
CONTACT_OFFERED = EventType("contact.offered", version=1)
CONTACT_RETURNED = EventType("contact.returned_to_queue", version=1)
CONTACT_CONNECTED = EventType("contact.connected", version=1)
CONTACT_RESUMED = EventType("contact.resumed", version=1)
CONTACT_REOPENED = EventType("contact.reopened", version=1)
CONTACT_PARKED = EventType("contact.parked", version=1)
CONTACT_TRANSFERRED = EventType("contact.transferred", version=1)
CONTACT_WRAP_UP = EventType("contact.wrap_up_started", version=1)
CONTACT_CLOSED = EventType("contact.closed", version=1)
CONTACT_ABANDONED = EventType("contact.abandoned", version=1)
CONTACT_CHANGED = EventType("contact.changed", version=1)
WAIT_TOLD = EventType("wait.told", version=1)
MESSAGE_ADDED = EventType("message.added", version=1)
MESSAGE_SENT = EventType("message.sent", version=1)
MESSAGE_DELIVERED = EventType("message.delivered", version=1)
MESSAGE_READ = EventType("message.read", version=1)
MESSAGE_FAILED = EventType("message.failed", version=1)
