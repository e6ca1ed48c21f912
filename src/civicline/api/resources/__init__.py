"""What can be read and changed. Importing this package fills the table of operations."""

from civicline.api.resources import cases, contacts, measures, services, webhooks

__all__ = ["cases", "contacts", "measures", "services", "webhooks"]
