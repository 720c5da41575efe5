"""A rebuild loses, hides and doubles nothing, whatever is saved meanwhile."""

from __future__ import annotations

import datetime
import threading

import pytest
from django.db import connection
from modelsearch.backends import get_search_backend
from modelsearch.query import MATCH_ALL

from tests.testapp.models import Application, Contract, Job
from wagtail_derived_fields.exceptions import RebuildError

pytestmark = pytest.mark.elasticsearch
DAY = datetime.date(2026, 1, 1)


@pytest.fixture
def backend(elasticsearch_backend, settings, transactional_db, request):
    options = {
        **elasticsearch_backend,
        "INDEX_PREFIX": f"{elasticsearch_backend['INDEX_PREFIX']}{request.node.name[:40]}_",
    }
    settings.MODELSEARCH_BACKENDS = {"default": options}
    return get_search_backend()


def make(title, kind=Job, **values):
    return kind.objects.create(title=title, start_date=DAY, **values)


def find(backend, model=Job, **condition):
    backend.get_index_for_model(model).refresh()
    found = backend.search(MATCH_ALL, model.objects.filter(**condition))
    assert found.count() == len(found)
    return sorted(job.title for job in found)


def begin(backend):
    rebuilder = backend.rebuilder_class(backend.get_index_for_model(Job))
    index = rebuilder.start()
    for model in (Job, Contract):
        index.add_model(model)
    return rebuilder, index


def fill(index, rows=None):
    for model in (Job, Contract):
        chosen = rows if rows is not None and model is Job else None
        index.add_items(model, chosen or list(model.get_indexed_objects()))


def rebuild(backend):
    rebuilder, index = begin(backend)
    fill(index)
    rebuilder.finish()


def test_what_is_saved_meanwhile_is_found_before_and_after(backend):
    changed, deleted = make("changed"), make("deleted")
    rebuild(backend)
    rebuilder, index = begin(backend)
    read = list(Job.get_indexed_objects())  # as a rebuild reads, before the changes
    changed.title = "changed anew"
    changed.save()
    deleted.delete()
    make("new")
    assert find(backend) == ["changed anew", "new"]

    fill(index, read)
    assert find(backend) == ["changed anew", "new"]
    rebuilder.finish()

    assert find(backend) == ["changed anew", "new"]
    assert find(backend, title="changed anew") == ["changed anew"]


def test_a_deletion_after_it_was_copied_counts_too(backend):
    rebuild(backend)
    row = make("copied")
    rebuilder, index = begin(backend)
    fill(index)
    row.delete()
    rebuilder.finish()

    assert find(backend) == []


def test_a_child_is_indexed_as_what_it_is(backend, monkeypatch):
    # Without get_indexed_objects of its own, a model indexes its children's rows, too.
    monkeypatch.setattr(
        Job, "get_indexed_objects", classmethod(lambda cls: cls.objects.all())
    )
    make("contract", Contract, end_date=datetime.date(2026, 4, 1), fee=7)

    rebuild(backend)

    assert find(backend, Contract, total=21) == ["contract"]


def test_a_second_rebuild_takes_over(backend):
    make("row")
    first, _ = begin(backend)
    second, other = begin(backend)
    fill(other)
    second.finish()

    with pytest.raises(RebuildError, match="another rebuild has begun"):
        first.finish()
    assert find(backend) == ["row"]


def test_the_first_rebuild_replaces_an_index_that_is_no_alias(backend):
    make("row")  # the server makes an index of that name by itself
    rebuild(backend)

    assert find(backend) == ["row"]
    assert backend.es.indices.exists_alias(name=backend.get_index_for_model(Job).name)


def test_saves_and_searches_all_the_while(backend):
    old = [make(f"old {number:02}").title for number in range(30)]
    rebuild(backend)
    stop = threading.Event()
    saved, faults = [], []

    def run(step):
        try:
            while not stop.is_set():
                step()
        except Exception as error:  # noqa: BLE001 - seen by the test
            faults.append(error)
        finally:
            connection.close()

    def save():
        saved.append(make(f"new {len(saved)}").title)

    def search():
        count = backend.search(MATCH_ALL, Job).count()
        if not len(old) <= count <= len(old) + len(saved) + 1:
            faults.append((count, len(saved)))

    threads = [threading.Thread(target=run, args=(step,)) for step in (save, search)]
    for thread in threads:
        thread.start()
    try:
        for _ in range(3):
            rebuild(backend)
    finally:
        stop.set()
        for thread in threads:
            thread.join(60)

    assert not faults
    assert saved
    assert find(backend) == sorted(old + saved)


def test_rows_that_a_value_follows_index_its_instance_again(backend):
    job, other = make("job"), make("other")
    rebuild(backend)
    assert find(backend, applicants=1) == []

    application = Application.objects.create(job=job, name="Ana")
    assert find(backend, applicants=1) == ["job"]
    application.job = other
    application.save()
    assert find(backend, applicants=1) == ["other"]
    application.delete()
    assert find(backend, applicants=0) == ["job", "other"]


def test_one_query_reads_the_values_of_a_batch(backend, django_assert_num_queries):
    for number in range(5):
        make(f"{number}")
    rows = list(Job.objects.select_related("team"))

    with django_assert_num_queries(1):
        backend.add_bulk(Job, rows)


def test_pages_go_on_after_the_ten_thousandth_row(backend, monkeypatch):
    monkeypatch.setattr("wagtail_derived_fields.search.results.WINDOW", 40)
    monkeypatch.setattr("wagtail_derived_fields.search.results.PAGE", 15)
    for number in range(60):
        make(f"{number:02}", places=number % 3)
    rebuild(backend)

    found = backend.search(
        MATCH_ALL, Job.objects.order_by("title"), order_by_relevance=False
    )

    titles = [f"{number:02}" for number in range(60)]
    assert [job.title for job in found[44:52]] == titles[44:52]
    assert [job.title for job in found[58:99]] == titles[58:]
    assert [job.title for job in found] == titles
    assert found[47].title == "47"
