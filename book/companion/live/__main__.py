"""The entry of `python -m companion.live`."""

import sys

from companion.live.cli import main

sys.exit(main())
