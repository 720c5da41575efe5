"""Many threads load views at once: no deadlock, one view for each path."""

from __future__ import annotations

import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.test import Client
from django.urls import get_resolver, resolve, reverse
from django.utils import translation

VIEWS = 50
THREADS = 64
LIMIT_S = 60


@pytest.fixture
def many(site):
    """Fifty views in modules of their own, which reverse() while they are imported."""
    module = """
        from django.http import HttpResponse
        from django.urls import reverse
        from django.views import View

        class V{n}(View):
            url = reverse("v{next}")

            def get(self, request):
                return HttpResponse(self.url)

        def f{n}(request):
            return HttpResponse("f")
    """
    files = {
        f"cold/v{n}.py": module.format(n=n, next=(n + 1) % VIEWS) for n in range(VIEWS)
    }
    paths = "\n".join(
        f'    path("v{n}/", "cold.v{n}.V{n}", name="v{n}"),'
        f' path("f{n}/", "cold.v{n}.f{n}"),'
        for n in range(VIEWS)
    )
    files["site_urls.py"] = (
        f"from cbv_lazy_urls import path\nurlpatterns = [\n{paths}\n]\n"
    )
    site.write({"cold/__init__.py": "", **files})
    return site


def run_at_once(work, arguments):
    """Call work in threads that begin together; return the results."""
    barrier = threading.Barrier(THREADS)

    def run(argument):
        barrier.wait(LIMIT_S)
        return work(argument)

    with ThreadPoolExecutor(THREADS) as pool:
        futures = [pool.submit(run, argument) for argument in arguments]
        return [future.result(LIMIT_S) for future in futures]


@pytest.fixture(autouse=True)
def eager_switching():
    """Let threads change places often."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def test_one_cold_view_is_made_once_for_all_threads(many):
    views = run_at_once(lambda _: resolve("/v0/").func, range(THREADS))

    assert len({id(view) for view in views}) == 1


def test_cold_views_are_requested_while_tables_are_filled(many):
    def work(number):
        language = "de" if number % 2 else "en"
        with translation.override(language):
            answers = []
            for step in range(5):
                n = (number * 7 + step) % VIEWS
                assert reverse(f"v{n}") == f"/v{n}/"
                answers.append((n, Client().get(f"/v{n}/").content.decode()))
            return answers

    for answers in run_at_once(work, range(THREADS)):
        for n, content in answers:
            assert content == f"/v{(n + 1) % VIEWS}/"


def test_callables_loaded_meanwhile_are_found_in_every_table(many):
    root = get_resolver()

    def work(number):
        n = number % VIEWS
        if number % 3 == 0:
            root._populate()
        return n, resolve(f"/f{n}/").func

    loaded = dict(run_at_once(work, range(THREADS)))

    assert len(loaded) == VIEWS
    for n, view in loaded.items():
        assert reverse(view) == f"/f{n}/"


def test_a_view_module_that_needs_its_own_path_while_it_is_imported(site):
    # With a lock held during the import, two threads would wait for each other.
    site.write(
        {
            "slow.py": """
                import threading
                from django.urls import get_resolver
                worker = threading.Thread(
                    target=lambda: get_resolver().url_patterns[0].check()
                )
                worker.start()
                worker.join(30)
                finished = not worker.is_alive()
                def view(request): ...
            """,
            "site_urls.py": """
                from cbv_lazy_urls import path
                urlpatterns = [path("", "slow.view", name="v")]
            """,
        }
    )

    resolve("/")

    assert sys.modules["slow"].finished
