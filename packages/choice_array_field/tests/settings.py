from __future__ import annotations

import os
from importlib.util import find_spec

import dj_database_url

SERVER = dj_database_url.parse(os.environ["DATABASE_URL"])
# The other one prepares every statement on the server, where the driver can.
PREPARED = {"server_side_binding": True, "prepare_threshold": 0}
DATABASES = {
    "default": {**SERVER, "TEST": {"NAME": "test_choice_array_field"}},
    "other": {
        **SERVER,
        "OPTIONS": PREPARED if find_spec("psycopg") else {},
        "TEST": {"NAME": "test_choice_array_field_other"},
    },
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
INSTALLED_APPS = [
    "choice_array_field",
    "tests.readme",
    "tests.testapp",
    "tests.typing",
    "tests.shop",
    "wagtail.snippets",
    "wagtail.search",
    "wagtail.users",
    "wagtail.documents",
    "wagtail.images",
    "wagtail.admin",
    "wagtail",
    "taggit",
    "modelcluster",
    "drf_spectacular",
    "rest_framework",
    "django_filters",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
]
# Their tables without their history: Wagtail's takes ten times as long.
MIGRATION_MODULES = dict.fromkeys(
    [
        *("admin", "auth", "contenttypes", "sessions", "taggit"),
        *("wagtailadmin", "wagtailcore", "wagtaildocs", "wagtailimages"),
        *("wagtailsearch", "wagtailusers"),
    ]
)
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
ROOT_URLCONF = "tests.shop.urls"
SECRET_KEY = "tests"
STATIC_URL = "static/"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
TIME_ZONE = "Australia/Melbourne"
USE_TZ = True
WAGTAIL_SITE_NAME = "Tests"
WAGTAILADMIN_BASE_URL = "http://127.0.0.1"
