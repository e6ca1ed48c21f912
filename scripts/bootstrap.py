"""Make this clone ready: `python3 scripts/bootstrap.py run` or `test`. Fast when there is nothing to do.

This file must also be readable by Pythons that are far too old, so that they can say so in one sentence.
"""

import os
import sys

WANTED = (3, 11)

if sys.version_info < WANTED:
    sys.stderr.write(
        "Civicline needs Python %d.%d or newer, and this is %d.%d. Install a newer Python "
        "(on Debian 12 and Ubuntu 24.04 it is python3) and run: make run PYTHON=python3.11\n"
        % (WANTED[0], WANTED[1], sys.version_info[0], sys.version_info[1])
    )
    sys.exit(1)

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

if __name__ == "__main__":
    from preparation import main

    sys.exit(main(sys.argv[1:]))
