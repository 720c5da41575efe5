"""What has no equal meaning on every back end is refused when the search is made."""

from __future__ import annotations

import pytest
from django.db.models import F, Func, fields
from modelsearch.backends import get_search_backend
from modelsearch.backends.base import FilterError
from modelsearch.query import MATCH_ALL

from tests.conftest import DATABASE
from tests.testapp.models import Application, Job
from wagtail_derived_fields.search.expressions import searchable


@pytest.fixture(
    params=["database", pytest.param("es", marks=pytest.mark.elasticsearch)]
)
def backend(request, settings):
    settings.MODELSEARCH_BACKENDS = {"default": DATABASE}
    if request.param == "es":
        settings.MODELSEARCH_BACKENDS = {
            "default": request.getfixturevalue("elasticsearch_backend")
        }
    return get_search_backend()


@pytest.fixture
def elasticsearch(elasticsearch_backend, settings):
    settings.MODELSEARCH_BACKENDS = {"default": elasticsearch_backend}
    return get_search_backend()


@pytest.mark.django_db
def test_conditions_across_a_relation_to_many(backend, monkeypatch):
    from modelsearch import index

    related = index.RelatedFields("applications", [index.FilterField("name")])
    monkeypatch.setattr(Job, "search_fields", [*Job.search_fields, related])

    with pytest.raises(FilterError, match="relation to many 'applications'"):
        backend.search(MATCH_ALL, Job.objects.filter(applications__name="x"))
    with pytest.raises(FilterError):
        backend.search(MATCH_ALL, Job.objects.exclude(applications__name="x"))


@pytest.mark.django_db
def test_expressions_without_a_field(backend):
    jobs = Job.objects.annotate(twice=F("places") * 2).filter(twice=2)

    with pytest.raises(FilterError, match=r"CombinedExpression .exact.*; declare it"):
        backend.search(MATCH_ALL, jobs)


@pytest.mark.elasticsearch
@pytest.mark.django_db
@pytest.mark.parametrize(
    "condition",
    [{"duration__gt": F("places")}, {"duration__range": (1, F("places"))}],
)
def test_comparisons_with_other_fields(elasticsearch, condition):
    with pytest.raises(FilterError, match=r"duration__.*not with other fields"):
        elasticsearch.search(MATCH_ALL, Job.objects.filter(**condition))


@pytest.mark.elasticsearch
@pytest.mark.django_db
@pytest.mark.parametrize(
    "condition",
    [{"title__contains": "a"}, {"duration__regex": "1"}, {"title__iexact": "a"}],
)
def test_lookups_that_an_index_does_not_have(elasticsearch, condition):
    [name] = condition
    with pytest.raises(FilterError, match=rf"{name}.*not recognised"):
        elasticsearch.search(MATCH_ALL, Job.objects.filter(**condition))


class DurationInMonths(Func):
    """The seed's own function, as it stands there."""

    template = (
        "EXTRACT(year FROM age(%(expressions)s)) * 12 + "
        "EXTRACT(month FROM age(%(expressions)s))"
    )
    output_field = fields.IntegerField()

    def as_sql(self, compiler, connection, **extra):
        sql, params = super().as_sql(compiler, connection, **extra)
        return sql, params * 2


def test_the_seeds_pattern_runs_on_a_model_without_a_field_of_that_name(
    backend, db, monkeypatch
):
    from modelsearch import index

    from tests.testapp.models import Team

    filters = [*Job.search_fields, index.FilterField("months", type="IntegerField")]
    monkeypatch.setattr(Job, "search_fields", filters)
    monkeypatch.setattr(Job, "months", None, raising=False)
    assert Team
    assert Application
    jobs = Job.objects.annotate(
        months=searchable("months", DurationInMonths(F("end_date"), F("start_date")))
    )

    found = backend.search(
        MATCH_ALL, jobs.filter(months__range=(3, 12)).order_by("-months")
    )

    assert '"gte": 3' in repr(found.query_compiler) or not list(found)
