from __future__ import annotations

from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from ixdjango.deploy.steps import Step
from testproject import environment
from testproject.deploy import steps
from tests.sites import environment as process_environment
from tests.sites import run

NOWHERE = Path("no such file")


def test_without_a_url_the_database_is_named_after_what_is_missing() -> None:
    (database,) = environment.databases({}).values()

    assert database["ENGINE"] == "django.db.backends.postgresql"
    assert "DATABASE_URL is not set" in database["HOST"]


def test_without_an_elasticsearch_url_the_database_is_searched() -> None:
    (backend,) = environment.search_backends({}).values()

    assert backend["BACKEND"] == "wagtail_derived_fields.search.database"


def test_the_search_back_end_follows_the_installed_client(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(environment.metadata, "version", lambda name: "8.19.0")

    backends = environment.search_backends(
        {"ELASTICSEARCH_URL": "http://a:1,http://b:2", "SEARCH_INDEX_PREFIX": "ours_"}
    )

    assert backends["default"] == {
        "BACKEND": "wagtail_derived_fields.search.elasticsearch",
        "URLS": ["http://a:1", "http://b:2"],
        "INDEX_PREFIX": "ours_",
    }


def test_the_database_answers_in_an_outage_where_it_is_asked_to() -> None:
    environ = {"ELASTICSEARCH_URL": "http://a:1", "SEARCH_FALLBACK": "database"}

    backends = environment.search_backends(environ)

    assert backends["default"]["FALLBACK"] == "database"
    assert [backends["database"]] == list(environment.search_backends({}).values())


def test_nothing_else_answers_in_an_outage() -> None:
    environ = {"ELASTICSEARCH_URL": "http://a:1", "SEARCH_FALLBACK": "solr"}

    with pytest.raises(ImproperlyConfigured, match="is 'solr'; give database"):
        environment.search_backends(environ)


def test_elasticsearch_without_a_client_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def missing(name: str) -> str:
        raise environment.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(environment.metadata, "version", missing)

    with pytest.raises(ImproperlyConfigured, match="install group es8 or es9"):
        environment.search_backends({"ELASTICSEARCH_URL": "http://a:1"})


def test_the_secret_key_of_the_environment_is_used() -> None:
    environ = {"DJANGO_SECRET_KEY": "ours"}

    assert environment.secret_key(environ, production=True, kept=NOWHERE) == "ours"


def test_outside_production_a_missing_secret_key_is_made() -> None:
    keys = {
        environment.secret_key({}, production=False, kept=NOWHERE) for _ in range(2)
    }

    assert len(keys) == 2


def test_a_secret_key_that_is_kept_is_for_us_alone_and_stays(tmp_path: Path) -> None:
    file = tmp_path / "secret_key"

    environment.keep_secret_key("first", file)
    environment.keep_secret_key("second", file)

    assert environment.secret_key({}, production=False, kept=file) == "first"
    assert file.stat().st_mode & 0o777 == 0o600


def test_production_takes_no_key_of_a_demo(tmp_path: Path) -> None:
    file = tmp_path / "secret_key"
    environment.keep_secret_key("of the demo", file)

    with pytest.raises(ImproperlyConfigured, match="DJANGO_SECRET_KEY is not set"):
        environment.secret_key({}, production=True, kept=file)


@pytest.mark.parametrize("mailers", [True, False])
def test_mail_goes_to_the_console_where_no_host_is_named(mailers: bool) -> None:
    settings = environment.mail_settings({}, mailers=mailers)

    assert "console" in str(settings)


def test_mail_settings_of_django_6_1_are_a_mailer() -> None:
    environ = {"EMAIL_HOST": "mail.example", "EMAIL_PORT": "587", "EMAIL_USE_TLS": "1"}

    (mailer,) = environment.mail_settings(environ, mailers=True)["MAILERS"].values()

    assert mailer["BACKEND"].endswith("smtp.EmailBackend")
    assert mailer["OPTIONS"]["host"] == "mail.example"
    assert mailer["OPTIONS"]["port"] == 587
    assert mailer["OPTIONS"]["use_tls"] is True


def test_mail_settings_before_django_6_1_are_names() -> None:
    environ = {"EMAIL_HOST": "mail.example", "EMAIL_HOST_USER": "us"}

    settings = environment.mail_settings(environ, mailers=False)

    assert settings["EMAIL_BACKEND"].endswith("smtp.EmailBackend")
    assert settings["EMAIL_HOST"] == "mail.example"
    assert settings["EMAIL_HOST_USER"] == "us"


def test_a_mail_port_that_is_no_number_is_named() -> None:
    with pytest.raises(ImproperlyConfigured, match="EMAIL_PORT is 'smtp'"):
        environment.mail_settings({"EMAIL_PORT": "smtp"}, mailers=True)


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        pytest.param(
            {"ENVIRONMENT": "prod", "DJANGO_SECRET_KEY": ""},
            "DJANGO_SECRET_KEY is not set",
            id="no-secret-key-in-production",
        ),
        pytest.param(
            {"DATABASE_URL": "mysql://us:hush@db.example/site"},
            "a scheme that is not PostgreSQL's",
            id="another-database",
        ),
        pytest.param(
            {"ENVIRONMENT": "production"},
            "ENVIRONMENT is 'production'; give prod",
            id="unknown-environment",
        ),
        pytest.param(
            {"ENVIRONMENT": "prod", "DJANGO_SECRET_KEY": "x", "DJANGO_DEBUG": "1"},
            "DJANGO_DEBUG is 1 and ENVIRONMENT is prod",
            id="debugging-in-production",
        ),
        pytest.param(
            {"DJANGO_DEBUG": "true"},
            "DJANGO_DEBUG is 'true'; give 1 or 0",
            id="debugging-in-words",
        ),
        pytest.param(
            {"SITE_DOMAIN": "*"}, "SITE_DOMAIN is '*'; give one host", id="any-domain"
        ),
    ],
)
def test_a_setting_that_cannot_work_is_one_line(
    variables: dict[str, str], message: str
) -> None:
    environ = process_environment(**variables)

    code, output, errors = run("check", environ=environ)

    assert (code, output, errors.count("\n")) == (2, "", 1)
    assert message in errors
    assert "hush" not in errors


@pytest.mark.parametrize(
    "domain",
    ["*", ".example", "*.example", "a b", "a:80", "a/b", "a,b", "-a.example", "a..b"],
)
def test_a_domain_that_is_not_one_host_is_refused(domain: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="give one host name"):
        environment.site_domain({"SITE_DOMAIN": domain})


@pytest.mark.parametrize("domain", ["localhost", "127.0.0.1", "commons.example"])
def test_a_domain_is_one_host(domain: str) -> None:
    assert environment.site_domain({"SITE_DOMAIN": domain}) == domain


@pytest.mark.parametrize("environ", [{}, {"ENVIRONMENT": ""}, {"ENVIRONMENT": "dev"}])
def test_unset_and_dev_are_no_production(environ: dict[str, str]) -> None:
    assert not environment.is_production(environ)


def test_a_deploy_of_production_checks_what_is_unsafe() -> None:
    checked = Step("check", ("--deploy", "--fail-level", "WARNING"))

    assert checked in steps(production=True)
    assert len(steps(production=True)) == len(steps(production=False))
    assert checked not in steps(production=False)


def test_the_settings_of_production_pass_the_checks_of_a_deployment() -> None:
    environ = process_environment(
        ENVIRONMENT="prod",
        DJANGO_SECRET_KEY=environment.secret_key({}, production=False, kept=NOWHERE),
        SITE_DOMAIN="commons.example",
        EMAIL_HOST="mail.example",
    )

    code, _, errors = run("check", "--deploy", "--fail-level=WARNING", environ=environ)

    assert code == 0, errors


def test_migrations_are_complete_with_no_database_at_all() -> None:
    environ = process_environment(DATABASE_URL="")

    code, output, errors = run("makemigrations", "--check", environ=environ)

    assert (code, output) == (0, "No changes detected\n")
    assert "DATABASE_URL is not set" in errors


def test_without_redis_messages_stay_in_memory() -> None:
    assert environment.redis_url({}) == ""
    (layer,) = environment.channel_layers("").values()

    assert layer["BACKEND"] == "channels.layers.InMemoryChannelLayer"


def test_redis_carries_messages_between_workers() -> None:
    url = environment.redis_url({"REDIS_URL": "redis://127.0.0.1:6379/0"})
    (layer,) = environment.channel_layers(url).values()

    assert layer["BACKEND"] == "channels_redis.pubsub.RedisPubSubChannelLayer"
    assert layer["CONFIG"] == {"hosts": [url]}


def test_what_is_no_redis_is_refused_without_showing_its_password() -> None:
    with pytest.raises(ImproperlyConfigured) as caught:
        environment.redis_url({"REDIS_URL": "http://:s3cret@127.0.0.1"})

    assert str(caught.value) == (
        "REDIS_URL is not an address such as redis://127.0.0.1:6379/0."
    )
