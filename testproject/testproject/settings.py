"""Settings of the site: every value that differs between machines is the environment's."""

from __future__ import annotations

import os
from pathlib import Path

import django

from testproject.deploy import steps
from testproject.environment import (
    channel_layers,
    databases,
    is_debugged,
    is_production,
    mail_settings,
    redis_url,
    redmine_options,
    search_backends,
    secret_key,
    site_domain,
)

BASE_DIR = Path(__file__).resolve().parent.parent

PRODUCTION = is_production(os.environ)
SITE_DOMAIN = site_domain(os.environ)
SECRET_KEY_FILE = BASE_DIR / "secret_key"
SECRET_KEY = secret_key(os.environ, production=PRODUCTION, kept=SECRET_KEY_FILE)
DEBUG = is_debugged(os.environ, production=PRODUCTION)
ALLOWED_HOSTS = [SITE_DOMAIN]
if not PRODUCTION:
    ALLOWED_HOSTS += ["127.0.0.1", "localhost"]

DATABASES = databases(os.environ)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
WAGTAILSEARCH_BACKENDS = search_backends(os.environ)

REDIS_URL = redis_url(os.environ)
CHANNEL_LAYERS = channel_layers(REDIS_URL)

INSTALLED_APPS = [
    "devices",
    "home",
    "jobs",
    "people",
    "search",
    "sprints",
    "ca_bundle",
    "cbv_lazy_urls",
    "choice_array_field",
    "ixdjango",
    "loaddata_stdin",
    "postgres_composite_types",
    "redmine_analytics",
    "wagtail_derived_fields",
    "wagtailimporter",
    "wagtail.contrib.redirects",
    "wagtail.embeds",
    "wagtail.sites",
    "wagtail.users",
    "wagtail.snippets",
    "wagtail.documents",
    "wagtail.images",
    "wagtail.search",
    "wagtail.admin",
    "wagtail",
    "modelcluster",
    "taggit",
    "django_filters",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.staticfiles",
]
MIDDLEWARE = [
    "home.streaming.stream_files",
    "django.middleware.security.SecurityMiddleware",
    "home.content_policy.ContentPolicyMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "wagtail.contrib.redirects.middleware.RedirectMiddleware",
    "search.outage.SearchOutageMiddleware",
]
ROOT_URLCONF = "testproject.urls"
WSGI_APPLICATION = "testproject.wsgi.application"
ASGI_APPLICATION = "testproject.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "Australia/Melbourne"
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "static_root"
MEDIA_URL = "/media/"
MEDIA_ROOT = BASE_DIR / "media"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    # Names carry a hash, so that a browser never keeps last week's style sheet.
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"
    },
}

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
X_FRAME_OPTIONS = "SAMEORIGIN"  # Wagtail shows its previews in a frame.
SILENCED_SYSTEM_CHECKS = [
    "security.W019",  # The frame again.
    "security.W005",  # Subdomains and preloading are for the owner of the whole
    "security.W021",  # domain to decide.
]
# What a page may load, and from where: home.content_policy sends it.
CONTENT_POLICY = {
    "default-src": ["'self'"],
    "base-uri": ["'none'"],
    "form-action": ["'self'"],
    "frame-ancestors": ["'self'"],
    "img-src": ["'self'", "data:"],
    "object-src": ["'none'"],
}
# Wagtail's own admin has scripts and styles in its pages; Django's has none.
ADMIN_PATH = "/admin/"
ADMIN_CONTENT_POLICY = {
    **CONTENT_POLICY,
    "img-src": ["'self'", "data:", "blob:"],
    "script-src": ["'self'", "'unsafe-inline'"],
    "style-src": ["'self'", "'unsafe-inline'"],
}
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = PRODUCTION
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if PRODUCTION else None
SECURE_HSTS_SECONDS = 31_536_000 if PRODUCTION else 0
globals().update(mail_settings(os.environ, mailers=django.VERSION >= (6, 1)))

# Wagtail's page forms can hold more fields than Django's limit of 1000.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000
WAGTAIL_SITE_NAME = "Fieldkit Commons"
WAGTAILADMIN_BASE_URL = f"{'https' if PRODUCTION else 'http'}://{SITE_DOMAIN}"
WAGTAILDOCS_EXTENSIONS = ["csv", "odt", "pdf", "txt"]
# No page of the site, the admin's included, asks another server for anything.
WAGTAIL_ENABLE_UPDATE_CHECK = WAGTAIL_ENABLE_WHATS_NEW_BANNER = False
WAGTAIL_GRAVATAR_PROVIDER_URL = None

# No partner of the demo forgets an intermediate; tests/test_partner_feed.py has one.
CA_BUNDLES: dict[str, Path] = {}
REDMINE_ANALYTICS = redmine_options(os.environ, time_zone=TIME_ZONE)
IXDJANGO_DEPLOY_STEPS = steps(production=PRODUCTION)
