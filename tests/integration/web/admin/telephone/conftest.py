"""The telephone menu of the room's own tests, under the pages."""

from tests.integration.channels.voice.flows.conftest import menu, tone, var

__all__ = ["menu", "tone", "var"]
