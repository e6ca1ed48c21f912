"""The dispatcher: loads what is true, lets the engine decide, stores the decisions."""

from civicline.routing.dispatcher.loop import Dispatcher

__all__ = ["Dispatcher"]
