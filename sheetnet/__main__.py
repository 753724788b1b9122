"""``python -m sheetnet`` is ``sheetnet``."""

import sys

from sheetnet.cli import main

sys.exit(main())
