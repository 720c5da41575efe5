from __future__ import annotations

ALLOWED_HOSTS = ["*"]
DATABASES: dict[str, dict[str, str]] = {}
DEBUG = False
INSTALLED_APPS = [
    "cbv_lazy_urls",
    "django_extensions",
    "drf_spectacular",
    "rest_framework",
    "django.contrib.admindocs",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.admin",
]
LANGUAGE_CODE = "en"
LANGUAGES = [("de", "German"), ("en", "English")]
MIDDLEWARE = [
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
]
REST_FRAMEWORK: dict[str, object] = {
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "UNAUTHENTICATED_USER": None,
}
ROOT_URLCONF = "tests.empty_urls"
SECRET_KEY = "tests"
SESSION_ENGINE = "django.contrib.sessions.backends.signed_cookies"
SILENCED_SYSTEM_CHECKS = ["admin.E403", "admin.E408", "admin.E409", "admin.E410"]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.request",
            ]
        },
    }
]
USE_TZ = True
