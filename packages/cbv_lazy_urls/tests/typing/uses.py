from __future__ import annotations

from django.conf.urls.i18n import i18n_patterns
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver
from django.utils.translation import gettext_lazy
from typing_extensions import assert_type

from cbv_lazy_urls import (
    Load,
    include,
    lazy,
    lazy_patterns,
    lazy_urls,
    path,
    preload,
    re_path,
    stats,
)


def view(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


urlpatterns: list[URLPattern | URLResolver] = [
    path("a/", "shop.views.Cart", {"title": "x"}, name="a", kwargs={"year": 1}),
    path(gettext_lazy("b/"), lazy("shop.views.Cart", decorators=[login_required])),
    re_path("^c/$", "shop.views.cart"),
    path("d/", view, {"year": 1}, "d"),
    path("e/", include(lazy_urls("shop.urls", app_name="shop"), namespace="s")),
    path("f/", include("shop.urls")),
    *lazy_patterns("shop", path("g/", "views.Cart")),
]
urlpatterns += i18n_patterns(path("h/", "shop.views.Cart"))
handler404 = lazy("shop.views.not_found")

assert_type(path("d/", view), URLPattern)
assert_type(path("e/", include("shop.urls")), URLResolver)
assert_type(preload(), int)
assert_type(stats(), list[Load])

path("a/", 3)  # type: ignore[call-overload]
path("a/", "shop.views.Cart", kwargs=3)  # type: ignore[call-overload]
lazy("shop.views.Cart", actions=["get"])  # type: ignore[arg-type]
