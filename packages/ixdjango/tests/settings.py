from __future__ import annotations

import os

from ixdjango.environment import database_settings

DATABASES = database_settings(os.environ)
if not DATABASES:
    raise SystemExit(
        "DATABASE_URL is not set; run the tests by"
        " `python -m dev_services run --throw-away -- python -m pytest`."
    )
# A test database of its own: suites may run side by side on one server.
DATABASES["default"]["TEST"] = {"NAME": "test_ixdjango"}
INSTALLED_APPS = ["ixdjango", "tests.testapp", "tests.library", "tests.readers"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
SECRET_KEY = "for the tests only"
USE_TZ = True
