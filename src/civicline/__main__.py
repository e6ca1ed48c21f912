"""`python -m civicline` is the command `civicline`."""

import sys

from civicline.cli import main

sys.exit(main())
