"""All writes of the public interface."""

from civicline.api.services.answers import forget_answers, once
from civicline.api.services.tokens import Created, create_token, revoke_token, token_used

__all__ = [
    "Created",
    "create_token",
    "forget_answers",
    "once",
    "revoke_token",
    "token_used",
]
