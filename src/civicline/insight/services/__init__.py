"""All writes of insight."""

from civicline.insight.services.feedback import give_feedback

__all__ = ["give_feedback"]
