"""Time lazy URLs against the same URLs imported eagerly, and against none.

Run: python packages/cbv_lazy_urls/benchmarks/lazy_urls.py [--rounds 5]

Generates a project of 300 views in 60 modules. Each module declares 40 forms and
imports some of the libraries that views import (those of them that are installed:
pandas, numpy, psycopg, lxml, PIL, rest_framework, ...; the table says which). Every
figure is a process of its own; kinds take turns, and medians are compared. Processes
are compared by their CPU time, user and system, so that a busy machine changes little.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path
from typing import Any

MODULES, VIEWS, FORMS = 60, 5, 40
HEAVY = [
    name
    for name in (
        *("pandas", "numpy", "lxml.etree", "PIL.Image", "rest_framework.viewsets"),
        *("psycopg", "psycopg2", "requests", "drf_spectacular.openapi", "libcst"),
        *(
            "wagtail.models",
            "hypothesis",
            "sqlite3",
            "xml.dom.minidom",
            "unittest.mock",
        ),
        *("email.mime.multipart", "http.server", "asyncio", "multiprocessing.pool"),
    )
    if find_spec(name.partition(".")[0])
]
HEAVY = [name for name in HEAVY if not name.startswith("wagtail")]  # needs its apps

SETTINGS = """
import os
ALLOWED_HOSTS = ["*"]
DEBUG = False
INSTALLED_APPS = ["cbv_lazy_urls"]
MIDDLEWARE = []
ROOT_URLCONF = os.environ["URLS"]
SECRET_KEY = "benchmark"
USE_TZ = True
"""
MANAGE = """
import os, sys
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings")
from django.core.management import execute_from_command_line
execute_from_command_line(sys.argv)
"""
# Prints seconds and kilobytes as JSON; the URLconf is loaded as a server does it.
PROBE = """
import json, os, sys, time
os.environ["DJANGO_SETTINGS_MODULE"] = "settings"
import django
django.setup()
import django.urls, django.views.generic, django.forms, django.http, cbv_lazy_urls
from django.urls import get_resolver, reverse, resolve
started = time.perf_counter()
get_resolver().url_patterns
loading = time.perf_counter() - started
with open("/proc/self/status") as file:
    rss = next(int(line.split()[1]) for line in file if line.startswith("VmRSS"))
def modules():
    return sum(name.startswith("shop.views_") for name in sys.modules)
at_start = modules()
started = time.perf_counter()
if os.environ["URLS"] != "empty_urls":
    reverse("v59_4")
reversing = time.perf_counter() - started
print(json.dumps({"loading_s": loading, "rss_kib": rss, "modules": at_start,
    "reverse_s": reversing, "modules_after_reverse": modules()}))
"""
# One process measures both kinds in turn: `resolve` of a pattern that is loaded.
PAIRED = """
import json, os, statistics, time
os.environ["DJANGO_SETTINGS_MODULE"] = "settings"
import django
django.setup()
from django.http import HttpResponse
from django.test import RequestFactory
from django.urls import path as django_path
from django.views import View
from cbv_lazy_urls import path
import one_view
lazy = path("cart/<int:pk>/", "one_view.Cart", name="cart")
eager = django_path("cart/<int:pk>/", one_view.Cart.as_view(), name="cart")
request = RequestFactory().get("/")
lazy.resolve("cart/3/")
def run(pattern, count=500):
    started = time.perf_counter_ns()
    for _ in range(count):
        match = pattern.resolve("cart/3/")
        match.func(request, *match.args, **match.kwargs)
    return (time.perf_counter_ns() - started) / count
other = django_path("cart/<int:pk>/", one_view.Cart.as_view(), name="cart")
kinds = {"eager": eager, "lazy": lazy, "other": other}
for _ in range(5):
    for pattern in kinds.values():
        run(pattern)
differences, control, base = [], [], []
for number in range(ROUNDS):
    order = sorted(kinds, key=lambda kind: hash((number, kind)))
    times = {kind: run(kinds[kind]) for kind in order}
    differences.append(times["lazy"] - (times["eager"] + times["other"]) / 2)
    control.append(times["other"] - times["eager"])
    base.append(times["eager"])
print(json.dumps({"differences": differences, "control": control, "eager_ns": statistics.median(base)}))
"""
MANY = """
import json, os, sys, time
os.environ["DJANGO_SETTINGS_MODULE"] = "settings"
import django
django.setup()
import django.urls, django.views, cbv_lazy_urls, one_view
started = time.perf_counter()
import many_KIND
loading = time.perf_counter() - started
from django.urls import reverse
started = time.perf_counter()
reverse("n9999", urlconf="many_KIND", args=[3])
print(json.dumps({"loading_s": loading, "reverse_s": time.perf_counter() - started}))
"""


def write_project(folder: Path) -> None:
    chooser = random.Random(15)
    (folder / "shop").mkdir()
    files = {"settings.py": SETTINGS, "manage.py": MANAGE, "shop/__init__.py": ""}
    names = [(m, v) for m in range(MODULES) for v in range(VIEWS)]
    for module in range(MODULES):
        imports = "\n".join(
            f"import {name}" for name in chooser.sample(HEAVY, min(3, len(HEAVY)))
        )
        forms = "\n".join(
            f"class Form{n}(forms.Form):\n"
            + "".join(
                f"    field_{i} = forms.CharField(max_length={i + 1})\n"
                for i in range(2)
            )
            for n in range(FORMS)
        )
        views = "\n".join(
            f"class V{module}_{v}(FormView):\n    form_class = Form{v}\n"
            f"    def get(self, request):\n        return HttpResponse('{v}')\n"
            for v in range(VIEWS)
        )
        files[f"shop/views_{module}.py"] = (
            f"{imports}\nfrom django import forms\nfrom django.http import HttpResponse\n"
            f"from django.views.generic import FormView\n{forms}\n{views}"
        )
    files["empty_urls.py"] = "urlpatterns = []\n"
    files["lazy_urls.py"] = (
        "from cbv_lazy_urls import path\nurlpatterns = [\n"
        + "".join(
            f"    path('{m}/{v}/', 'shop.views_{m}.V{m}_{v}', name='v{m}_{v}'),\n"
            for m, v in names
        )
        + "]\n"
    )
    files["eager_urls.py"] = (
        "from django.urls import path\n"
        + "".join(f"from shop import views_{m}\n" for m in range(MODULES))
        + "urlpatterns = [\n"
        + "".join(
            f"    path('{m}/{v}/', views_{m}.V{m}_{v}.as_view(), name='v{m}_{v}'),\n"
            for m, v in names
        )
        + "]\n"
    )
    files["one_view.py"] = (
        "from django.http import HttpResponse\nfrom django.views import View\n"
        "class Cart(View):\n    def get(self, request, pk):\n"
        "        return HttpResponse('')\n"
    )
    for kind, module, view in (
        ("eager", "django.urls", "one_view.Cart.as_view()"),
        ("lazy", "cbv_lazy_urls", "'one_view.Cart'"),
    ):
        lines = "".join(
            f"    path('p{n}/<int:pk>/', {view}, name='n{n}'),\n" for n in range(10_000)
        )
        files[f"many_{kind}.py"] = (
            f"import one_view\nfrom {module} import path\nurlpatterns = [\n{lines}]\n"
        )
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")


class Bench:
    def __init__(self, folder: Path, rounds: int) -> None:
        self.folder = folder
        self.rounds = rounds
        self.results: list[dict[str, Any]] = []

    def process(
        self, *arguments: str, urls: str, cache: str = "cache"
    ) -> tuple[float, str]:
        environ = {**os.environ, "URLS": f"{urls}_urls"}
        # Compiling modules again in each process would count for those that are new.
        environ.pop("PYTHONDONTWRITEBYTECODE", None)
        environ["XDG_CACHE_HOME"] = str(self.folder / cache)
        with subprocess.Popen(
            [sys.executable, *arguments],
            cwd=self.folder,
            env=environ,
            stdout=subprocess.PIPE,
            text=True,
        ) as process:
            assert process.stdout is not None
            printed = process.stdout.read()
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            sys.exit(f"{arguments} ended with {process.returncode}")
        return usage.ru_utime + usage.ru_stime, printed

    def report(
        self,
        name: str,
        ours: str,
        peer: str,
        ratio: float,
        goal: float,
        *,
        at_most: bool,
    ) -> None:
        met = ratio <= goal if at_most else ratio >= goal
        sign = "<=" if at_most else ">="
        verdict = "" if met else "  MISSED"
        print(f"{name:44} {ours:>11} {peer:>11} {ratio:9.3f} {sign} {goal:g}{verdict}")
        self.results.append(
            {
                "benchmark": f"cbv_lazy_urls: {name}",
                "ours": ours,
                "peer": peer,
                "ratio": round(ratio, 4),
                "goal": goal,
                "goal_met": met,
            }
        )

    def measure_start(self) -> None:
        found: dict[str, list[dict[str, Any]]] = {"lazy": [], "eager": [], "empty": []}
        for _ in range(self.rounds + 1):
            for kind, rows in found.items():
                rows.append(json.loads(self.process("-c", PROBE, urls=kind)[1]))

        def median(kind: str, key: str) -> float:
            return statistics.median(row[key] for row in found[kind][1:])

        lazy, eager = median("lazy", "loading_s"), median("eager", "loading_s")
        self.report(
            "URLconf loaded, eager / lazy",
            f"{lazy * 1e3:.2f} ms",
            f"{eager * 1e3:.0f} ms",
            eager / lazy,
            60,
            at_most=False,
        )
        lazy, eager = median("lazy", "rss_kib"), median("eager", "rss_kib")
        self.report(
            "resident memory after start, lazy / eager",
            f"{lazy / 1024:.1f} MiB",
            f"{eager / 1024:.1f} MiB",
            lazy / eager,
            0.35,
            at_most=True,
        )
        ours = median("lazy", "modules_after_reverse")
        self.report(
            "view modules after the first reverse()",
            f"{ours:.0f}",
            f"{median('eager', 'modules_after_reverse'):.0f}",
            ours,
            0,
            at_most=True,
        )

    def measure_processes(self) -> None:
        """Time whole commands: one that does nothing, and `check` in three ways."""
        noop = ("manage.py", "diffsettings")
        check = ("manage.py", "check")
        cases: dict[str, Any] = {
            "empty": lambda: self.process(*noop, urls="empty")[0],
            "lazy": lambda: self.process(*noop, urls="lazy")[0],
            "check empty": lambda: self.process(*check, urls="empty")[0],
            "check cached": lambda: self.process(*check, urls="lazy")[0],
            "check off": lambda: self.process("-c", CHECK_OFF, urls="lazy")[0],
            "check first": lambda: self.process(
                *check, urls="lazy", cache=f"cache{time.monotonic_ns()}"
            )[0],
        }
        times: dict[str, list[float]] = {name: [] for name in cases}
        for number in range(self.rounds * 3 + 1):
            order = list(cases) if number % 2 else list(reversed(cases))
            for name in order:
                seconds = cases[name]()
                if number:
                    times[name].append(seconds)
        medians = {name: statistics.median(each) for name, each in times.items()}
        for title, ours, peer, goal in (
            ("process with checks, lazy / empty URLconf", "lazy", "empty", 1.05),
            (
                "check with the cached static check / without",
                "check cached",
                "check off",
                1.05,
            ),
            (
                "check with the first static check / without",
                "check first",
                "check off",
                1.25,
            ),
        ):
            self.report(
                title,
                f"{medians[ours] * 1e3:.0f} ms",
                f"{medians[peer] * 1e3:.0f} ms",
                medians[ours] / medians[peer],
                goal,
                at_most=True,
            )

    def measure_requests(self) -> None:
        source = PAIRED.replace("ROUNDS", str(self.rounds * 150))
        found = json.loads(self.process("-c", source, urls="empty")[1])
        for title, key in (
            ("a request after the load, lazy - two eager", "differences"),
            ("one eager - the other (noise)", "control"),
        ):
            low, median, high = interval(found[key])
            print(
                f"{title:44} {median:+8.1f} ns of {found['eager_ns']:.0f} ns;"
                f" 95 % interval {low:+.1f} to {high:+.1f} ns"
            )
            self.results.append(
                {
                    "benchmark": f"cbv_lazy_urls: {title}",
                    "difference_ns": round(median, 1),
                    "interval_ns": [round(low, 1), round(high, 1)],
                    "eager_ns": round(found["eager_ns"], 1),
                    "goal": "the interval includes 0",
                    "goal_met": low <= 0 <= high,
                }
            )

    def measure_many(self) -> None:
        found: dict[str, list[dict[str, float]]] = {"lazy": [], "eager": []}
        for _ in range(self.rounds + 1):
            for kind, rows in found.items():
                source = MANY.replace("KIND", kind)
                rows.append(json.loads(self.process("-c", source, urls="empty")[1]))
        for key, title, goal in (
            ("loading_s", "10,000 patterns loaded, lazy / eager", 2.0),
            ("reverse_s", "first reverse() of 10,000, lazy / eager", 2.0),
        ):
            ours, peer = (
                statistics.median(row[key] for row in found[kind][1:])
                for kind in ("lazy", "eager")
            )
            self.report(
                title,
                f"{ours * 1e3:.0f} ms",
                f"{peer * 1e3:.0f} ms",
                ours / peer,
                goal,
                at_most=True,
            )


def interval(differences: list[float]) -> tuple[float, float, float]:
    """Return the median and its 95 % interval, by resampling."""
    chooser = random.Random(3)
    medians = sorted(
        statistics.median(chooser.choices(differences, k=len(differences)))
        for _ in range(2000)
    )
    return medians[50], statistics.median(differences), medians[-51]


# The command check as it is without the static check.
CHECK_OFF = """
import os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "settings"
import cbv_lazy_urls.apps
cbv_lazy_urls.apps.CbvLazyUrlsConfig.ready = lambda self: None
sys.argv = ["manage.py", "check"]
from django.core.management import execute_from_command_line
execute_from_command_line(sys.argv)
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    print(f"libraries that the views import: {', '.join(HEAVY)}")
    print(f"{'':44} {'lazy':>11} {'peer':>11} {'ratio':>9} goal")
    with tempfile.TemporaryDirectory() as folder:
        write_project(Path(folder))
        bench = Bench(Path(folder), rounds)
        bench.measure_start()
        bench.measure_processes()
        bench.measure_many()
        bench.measure_requests()
    for result in bench.results:
        print(json.dumps(result))


if __name__ == "__main__":
    main()
