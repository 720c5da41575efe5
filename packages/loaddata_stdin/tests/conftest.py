from __future__ import annotations

from hypothesis import settings

# A deadline fails a slow machine, not wrong code.
settings.register_profile("fieldkit", deadline=None)
settings.load_profile("fieldkit")
