"""The command `civicline`."""

import os
import sys


def main() -> int:
    """Run the command line and return its exit code (0 good, 1 a problem was found, 2 wrong use, 130 interrupted)."""
    if sys.version_info < (3, 11):  # noqa: UP036 -- said in a sentence to whoever starts it with an old Python
        sys.stderr.write(f"Civicline needs Python 3.11 or newer, and this is {sys.version.split()[0]}.\n")
        return 1
    # Our matrices are small: threads of the algebra library would spin for work that one does in a blink.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from civicline.cli.commands import run

    return run()
