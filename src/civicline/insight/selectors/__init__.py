"""All reads of insight."""

from civicline.insight.selectors.feedback import has_feedback, list_feedback

__all__ = ["has_feedback", "list_feedback"]
