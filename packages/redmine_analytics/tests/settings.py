from __future__ import annotations

SECRET_KEY = "only for tests"
INSTALLED_APPS: list[str] = ["redmine_analytics"]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
