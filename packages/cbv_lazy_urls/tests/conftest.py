from __future__ import annotations

import sys

import pytest
from django.utils import translation

from .sites import Site


@pytest.fixture(autouse=True)
def cache_folder(tmp_path, monkeypatch):
    """Keep the cache of the static check out of the user's folder."""
    folder = tmp_path / "cache"
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder))
    return folder


@pytest.fixture
def site(tmp_path, monkeypatch, settings):
    """An empty site; its URLconf is `site_urls`."""
    folder = tmp_path / "site"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setattr(sys, "path", [str(folder), *sys.path])
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    settings.ROOT_URLCONF = "site_urls"
    site = Site(folder)
    with translation.override("en"):  # a request leaves its language behind
        yield site
    site.forget()


SHOP = {
    "shop/__init__.py": "",
    "shop/views.py": """
        from django.http import HttpResponse
        from django.views import View
        from django.views.generic import TemplateView

        class Cart(View):
            title = "Cart"

            def get(self, request, **kwargs):
                return HttpResponse(f"{self.title} {kwargs}")

        class Page(TemplateView):
            template_name = "page.html"
    """,
    "shop/functions.py": """
        from django.http import HttpResponse

        def report(request, **kwargs):
            return HttpResponse(f"report {kwargs}")
    """,
    "shop/later.py": """
        from django.http import HttpResponse
        from django.views import View

        async def ping(request):
            return HttpResponse("pong")

        class Feed(View):
            async def get(self, request):
                return HttpResponse("feed")
    """,
}


@pytest.fixture
def shop(site):
    """A site with views in three modules."""
    site.write(SHOP)
    return site
