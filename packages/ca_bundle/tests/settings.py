from __future__ import annotations

INSTALLED_APPS = ["ca_bundle"]
SECRET_KEY = "tests"
USE_TZ = True
