"""The public HTTP API and its signed webhooks."""
