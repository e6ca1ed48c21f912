"""The end of a process: all that it takes stands ready before the first signal can come."""

import os
import threading
from collections.abc import Callable


class Ending:
    """Does what is to be done when the process is told to stop, on a thread that waits for it from the beginning.

    A signal's handler runs in the middle of whatever the main thread does, even where it holds a lock of the
    interpreter's own. A handler that begins a thread or sets an event may then wait for ever for its own thread, so
    `tell` writes one byte and nothing else.
    """

    def __init__(self, seconds: float) -> None:
        """`seconds` after it was told the process ends, come what may: what matters is in the database by then."""
        self._seconds = seconds
        self._actions: list[Callable[[], object]] = []
        self._told, self._tell = os.pipe()
        threading.Thread(target=self._wait, name="ending", daemon=True).start()

    def do(self, action: Callable[[], object]) -> None:
        """Do this, too, when told; in the order in which they were given."""
        self._actions.append(action)

    def tell(self) -> None:
        """The end has come. From a signal's handler, too."""
        os.write(self._tell, b".")

    def _wait(self) -> None:
        os.read(self._told, 1)
        late = threading.Timer(self._seconds, os._exit, (0,))
        late.daemon = True
        late.start()
        for action in self._actions:
            action()
