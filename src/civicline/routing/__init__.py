"""Routing: queues, offers and the dispatcher that stores what the engine decides."""
