"""Record the answers of a real Redmine anew: python -m tests.redmine.rerecord."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from . import Redmine, prepared
from .fake import RECORDED, record

with tempfile.TemporaryDirectory() as place:
    server = Redmine(prepared(), Path(place))
    try:
        state = record(server.get, [1, 2])
    finally:
        server.stop()
RECORDED.write_text(json.dumps(state, ensure_ascii=False, indent=0) + "\n", "utf-8")
