"""All writes of the public interface."""

from civicline.api.services.answers import forget_answers, forget_words, once
from civicline.api.services.tokens import Created, create_token, revoke_token, token_used
from civicline.api.services.webhooks import (
    RESPONSE_LENGTH,
    TOPIC,
    change_webhook,
    claim,
    forget_deliveries,
    hand_back,
    queue_deliveries,
    register_webhook,
    remove_webhook,
    rotate_secret,
    send_again,
    settle,
    test_webhook,
)

__all__ = [
    "RESPONSE_LENGTH",
    "TOPIC",
    "Created",
    "change_webhook",
    "claim",
    "create_token",
    "forget_answers",
    "forget_deliveries",
    "forget_words",
    "hand_back",
    "once",
    "queue_deliveries",
    "register_webhook",
    "remove_webhook",
    "revoke_token",
    "rotate_secret",
    "send_again",
    "settle",
    "test_webhook",
    "token_used",
]
