"""Importing pages against Wagtail's `add_child` and `save_revision().publish()`.

Every page has rich text, a StreamField with choosers, a link to the next page and, every
second one, a child row; reference index, search index and log are on. Ours is measured
from the text of the file on, parsing included, and always with revisions.
Run it below `python -m ixdjango.services run --throw-away --services postgresql --`.
"""

# ruff: noqa: E402

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"

import django

django.setup()

from django.db import connection, transaction
from django.test.utils import setup_test_environment
from tests.testapp.models import ArticlePage, HomePage, Related
from wagtail.models import Page, Site

from wagtailimporter import import_files

GOALS = {
    "created, against add_child": 15,
    "created and published": 15,
    "updated and published": 8,
    "flat parent, against deep": 0.8,
}
TEXT = "One sentence of a paragraph that says little at some length. " * 4
PAGE = """---
url: {url}
type: testapp.articlepage
title: Page {n}
intro: <p>Intro {n} with <a linktype="page" id="{root}">a link</a></p>
day: 2024-01-02
other: !page {{url: {other}}}
{rows}body:
- {{type: heading, value: Title {n}}}
- {{type: paragraph, value: "<p>{text}</p>"}}
- {{type: link, page: !page {{url: {other}}}, text: Other, notes: [a, b, c]}}
"""
ROWS = "related: [{{page: !page {{url: {other}}}, label: First}}]\n"


def urls(count, sections):
    """Return urls below sections, or all below one parent."""
    names = [f"/main/s{n}" for n in range(sections)] or ["/main"]
    return [f"{names[n % len(names)]}/p{n}" for n in range(count)]


def site(count, root, sections=20, text=TEXT):
    """Return the YAML of a site."""
    found = [
        f"---\nurl: /main/s{n}\ntype: testapp.articlepage\ntitle: S{n}\n"
        for n in range(sections)
    ]
    places = urls(count, sections)
    for n, url in enumerate(places):
        other = places[(n + 1) % count]
        rows = ROWS.format(other=other) if n % 2 else ""
        found.append(
            PAGE.format(url=url, n=n, other=other, root=root, rows=rows, text=text)
        )
    return "".join(found)


def article(n, other, root):
    """Return the page of `PAGE` for Wagtail to save."""
    page = ArticlePage(
        title=f"Page {n}",
        slug=f"p{n}",
        intro=f'<p>Intro {n} with <a linktype="page" id="{root}">a link</a></p>',
        day="2024-01-02",
        other=other,
        body=[
            ("heading", f"Title {n}"),
            ("paragraph", f"<p>{TEXT}</p>"),
            ("link", {"page": other, "text": "Other", "notes": ["a", "b", "c"]}),
        ],
    )
    if n % 2:
        page.related = [Related(page=other, label="First", sort_order=0)]
    return page


def by_wagtail(count, home, *, is_published):
    """Create pages one by one; return their number in a second."""
    sections = [
        home.add_child(instance=ArticlePage(title=f"S{n}", slug=f"s{n}"))
        for n in range(20)
    ]
    other, begin = home, time.perf_counter()
    for n in range(count):
        parent = sections[n % 20]
        other = parent.add_child(instance=article(n, other, home.pk))
        if is_published:
            other.save_revision().publish()
    return count / (time.perf_counter() - begin)


def update_by_wagtail(count):
    """Change pages one by one; return their number in a second."""
    pages = list(ArticlePage.objects.filter(slug__startswith="p")[:count])
    begin = time.perf_counter()
    for page in pages:
        page.intro = "<p>Changed.</p>"
        page.save_revision().publish()
    return len(pages) / (time.perf_counter() - begin)


def clear():
    """Return the home page of a site without any other page."""
    with connection.cursor() as cursor:
        for table in (
            "testapp_related",
            "testapp_articlepage_topics",
            "testapp_articlepage",
            "wagtailcore_page WHERE depth > 2",
            "wagtailcore_pagelogentry",
            "wagtailcore_revision",
            "wagtailcore_referenceindex",
            "wagtailsearch_indexentry",
        ):
            cursor.execute(f"DELETE FROM {table}")
        cursor.execute("UPDATE wagtailcore_page SET numchild = 0 WHERE depth = 2")
        cursor.execute("VACUUM ANALYZE")
    return HomePage.objects.get()


def by_import(path):
    """Import a file; return the seconds, the CPU seconds and the verbs of queries."""
    verbs = []

    def count(execute, sql, *rest):
        verbs.append(sql.split(None, 1)[0])
        return execute(sql, *rest)

    cpu, begin = time.process_time(), time.perf_counter()
    with connection.execute_wrapper(count):
        import_files([path])
    return time.perf_counter() - begin, time.process_time() - cpu, verbs


def measure(count, peers, folder):
    """Return the figures of one round."""
    path = folder / "site.yaml"
    figures = {}
    home = clear()
    figures["add_child"] = by_wagtail(peers, home, is_published=False)
    home = clear()
    figures["publish"] = by_wagtail(peers, home, is_published=True)
    figures["update"] = update_by_wagtail(peers)
    home = clear()
    path.write_text(site(count, home.pk, sections=0))
    seconds, _, _ = by_import(path)
    figures["flat"] = count / seconds
    home = clear()
    path.write_text(site(count, home.pk))
    seconds, _, queries = by_import(path)
    figures["created"] = count / seconds
    figures["queries"] = len(queries) / count
    assert Page.find_problems() == ([], [], [], [], [])
    seconds, cpu, queries = by_import(path)
    figures["unchanged_s"], figures["unchanged_cpu_s"] = seconds, cpu
    figures["unchanged_queries"] = len(queries)
    assert not {"INSERT", "UPDATE", "DELETE"} & set(queries), queries
    path.write_text(site(count, home.pk, text="Changed."))
    seconds, _, _ = by_import(path)
    figures["updated"] = count / seconds
    return figures


def memory_slope(folder):
    """Return KiB a page, from the peaks of two processes."""
    peaks = []
    for count in (500, 2000):
        clear()
        path = folder / "memory.yaml"
        path.write_text(site(count, HomePage.objects.get().pk))
        connection.close()  # A process that forks cannot share it.
        child = os.fork()
        if not child:
            import_files([path])
            os._exit(0)
        _, _, usage = os.wait4(child, 0)
        peaks.append(usage.ru_maxrss)
    return (peaks[1] - peaks[0]) / 1500


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=2000)
    parser.add_argument("--peer-pages", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=3)
    chosen = parser.parse_args()
    setup_test_environment()
    connection.settings_dict["TEST"]["NAME"] = "benchmark_wagtailimporter"
    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    try:
        Site.objects.all().delete()
        Page.objects.filter(depth=2).delete()
        with transaction.atomic():
            Page.objects.get().add_child(instance=HomePage(title="Main", slug="main"))
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            rounds = [
                measure(chosen.pages, chosen.peer_pages, folder)
                for _ in range(chosen.rounds)
            ]
            slope = memory_slope(folder)
    finally:
        connection.creation.destroy_test_db("fieldkit", verbosity=0)
    report(chosen, rounds, slope)


def report(chosen, rounds, slope):
    median = {
        name: statistics.median(each[name] for each in rounds) for name in rounds[0]
    }
    ratios = {
        "created, against add_child": median["created"] / median["add_child"],
        "created and published": median["created"] / median["publish"],
        "updated and published": median["updated"] / median["update"],
        "flat parent, against deep": median["flat"] / median["created"],
    }
    print(f"{chosen.pages} pages, {chosen.rounds} rounds, medians")
    for name in ("created", "updated", "flat", "add_child", "publish", "update"):
        print(f"  {name:10} {median[name]:8.1f} pages/s")
    print(f"  {median['queries']:.3f} queries a page, goal 0.1")
    print(
        f"  unchanged: {median['unchanged_queries']:.0f} queries (goal 30),"
        f" {median['unchanged_s']:.2f} s, {median['unchanged_cpu_s']:.2f} s CPU"
        " with parsing"
    )
    print(f"  memory: {slope:.1f} KiB a page")
    for name, ratio in ratios.items():
        print(f"  {name:28} {ratio:6.1f} x, goal {GOALS[name]}")
    rest = {name: round(value, 3) for name, value in median.items()}
    print(json.dumps({"ratios": {k: round(v, 2) for k, v in ratios.items()}, **rest}))


if __name__ == "__main__":
    main()
