"""Addresses of the site: Wagtail serves whatever no other line takes."""

from __future__ import annotations

from django.conf import settings
from django.contrib import admin
from django.urls import URLPattern, URLResolver
from django.views.static import serve
from wagtail import urls as wagtail_urls
from wagtail.admin import urls as wagtailadmin_urls
from wagtail.documents import urls as wagtaildocs_urls

from cbv_lazy_urls import include, lazy_urls, path, re_path

urlpatterns: list[URLPattern | URLResolver] = [
    path("admin/", include(wagtailadmin_urls)),
    path("django-admin/", admin.site.urls),
    path("documents/", include(wagtaildocs_urls)),
    path("devices/", include(lazy_urls("devices.urls", app_name="devices"))),
    path("jobs/", include(lazy_urls("jobs.urls", app_name="jobs"))),
    path("sprints/", include(lazy_urls("sprints.urls", app_name="sprints"))),
    path("search/", include(lazy_urls("search.urls", app_name="search"))),
]
if not settings.PRODUCTION:
    # A production site hands its uploads to the web server in front of it.
    urlpatterns.append(
        re_path(r"^media/(?P<path>.*)$", serve, {"document_root": settings.MEDIA_ROOT})
    )
urlpatterns.append(path("", include(wagtail_urls)))
