"""What can be read and changed. Importing this package fills the table of operations."""

from civicline.api.resources import about, cases, contacts, measures, services, webhooks

__all__ = ["about", "cases", "contacts", "measures", "services", "webhooks"]
