"""The models of the README, which shows them as a file of its app `shop`."""

from __future__ import annotations

import re
from pathlib import Path

README = Path(__file__).parents[2] / "README.md"
SOURCE = re.search(
    r"```python\n# shop/models.py\n(.*?)```", README.read_text("utf-8"), re.DOTALL
)[1]
exec(SOURCE)
