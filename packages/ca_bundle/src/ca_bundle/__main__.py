"""python -m ca_bundle: the same as the command ca_bundle."""

from __future__ import annotations

import sys

from ca_bundle.cli import main

sys.exit(main())
