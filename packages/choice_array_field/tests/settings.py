from __future__ import annotations

import os

import dj_database_url

DATABASES = {"default": dj_database_url.parse(os.environ["DATABASE_URL"])}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.postgres",
    "choice_array_field",
    "tests.testapp",
    "tests.typing",
]
SECRET_KEY = "tests"
TIME_ZONE = "Australia/Melbourne"
USE_TZ = True
