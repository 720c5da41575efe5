from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import django
import pytest

from ixdjango.environment import Secret, read_environment
from ixdjango.exceptions import EnvironmentContractError

BASE = Path("/srv/site")


def problems() -> list[str]:
    with pytest.raises(EnvironmentContractError) as caught:
        read_environment()
    assert "s3cret" not in str(caught.value)
    return str(caught.value).splitlines()


def test_the_least_that_a_site_needs(environ):
    found = read_environment()
    settings = found.settings(BASE)

    assert settings["SECRET_KEY"] == "k3y"
    assert settings["DATABASES"]["default"]["PASSWORD"] == "s3cret"
    assert settings["ALLOWED_HOSTS"] == []
    assert settings["MEDIA_ROOT"] == "/srv/site/media"
    assert "CACHES" not in settings
    assert "SECURE_PROXY_SSL_HEADER" not in settings


def test_all_that_is_wrong_is_told_at_once_with_an_example_and_no_value(environ):
    environ(
        DJANGO_SECRET_KEY=None,
        DATABASE_URL="postgresql://u:a/s3cret@h/d",
        DB_REPORTS_URL="s3cret",
        EMAIL_PORT="s3cret",
        DJANGO_DEBUG="maybe s3cret",
        ENVIRONMENT="produktion s3cret",
        SITE_DOMAIN="*.s3cret",
        REDIS_URL="http://s3cret",
        ELASTICSEARCH_URL="http://e:9200, elastic:s3cret@e",
        SYSLOG_PROTO="s3cret",
        LOG_LEVEL="s3cret",
        TRUSTED_PROXIES="10.0.0.0/8, s3cret",
        REDIS_DB_INDEX="s3cret",
        IXDJANGO_BUILD="",
    )

    found = problems()

    assert [line.partition(":")[0] for line in found] == [
        *("DATABASE_URL", "DB_REPORTS_URL", "DJANGO_DEBUG", "DJANGO_SECRET_KEY"),
        *("ELASTICSEARCH_URL", "EMAIL_PORT", "ENVIRONMENT", "LOG_LEVEL"),
        *("REDIS_DB_INDEX", "REDIS_URL", "SITE_DOMAIN", "SYSLOG_PROTO"),
        "TRUSTED_PROXIES",
    ]
    assert "EMAIL_PORT: it is not a whole number; example: EMAIL_PORT=587" in found
    assert "percent-encode special characters in its password" in found[0]
    assert all("; example: " in line for line in found)


def test_two_variables_for_one_thing_that_differ_are_an_error(environ):
    environ(DB_DEFAULT_URL="postgresql://u:s3cret@other/d")

    assert problems()[0].startswith(
        "DATABASE_URL: it and DB_DEFAULT_URL name different"
    )


def test_the_names_of_forklift_are_read(environ):
    environ(
        DATABASE_URL=None,
        DB_DEFAULT_URL="postgres://u:s3cret@h/d",
        DB_REPORTS_URL="postgres://u:s3cret@r/d",
        ELASTICSEARCH_URLS="http://a:9200|http://b:9200",
        ELASTICSEARCH_INDEX_NAME="leaves",
        REDIS_HOSTS="r:6379",
        REDIS_DB_INDEX="3",
        ENVIRONMENT="dev_local",
        SITE_DOMAIN="localhost:8000",
        SITE_PROTOCOL="http",
    )

    found = read_environment()

    assert found.debug
    assert set(found.databases) == {"default", "reports"}
    assert found.search_urls == ("http://a:9200", "http://b:9200")
    assert found.caches["default"]["LOCATION"] == "redis://r:6379/3"
    assert found.allowed_hosts == ("localhost:8000",)


def test_memcached_is_a_cache_where_there_is_no_redis(environ):
    environ(MEMCACHE_HOSTS="a:1|b:2", MEMCACHE_PREFIX="site")

    cache = read_environment().settings(BASE)["CACHES"]["default"]

    assert cache["LOCATION"] == ["a:1", "b:2"]
    assert cache["KEY_PREFIX"] == "site"


def test_no_repr_shows_a_secret(environ):
    environ(
        REDIS_URL="redis://:s3cret@r:6379/0",
        EMAIL_HOST="mail",
        EMAIL_HOST_PASSWORD="s3cret",
        ELASTICSEARCH_URL="http://e:s3cret@e:9200",
        DEPLOY_DATABASE_URL="postgresql://u:s3cret@h/d",
    )

    found = read_environment()

    assert "s3cret" not in f"{found!r} {found.settings(BASE)!r}"
    assert "k3y" not in f"{found!r} {found.settings(BASE)!r}"
    assert found.settings(BASE)["DATABASES"]["default"]["PASSWORD"] == "s3cret"


def test_mail_is_sent_as_the_version_of_django_has_it(environ):
    environ(EMAIL_HOST="mail", EMAIL_PORT="587", EMAIL_USE_TLS="true")

    settings = read_environment().settings(BASE)

    if django.VERSION >= (6, 1):
        options = settings["MAILERS"]["default"]["OPTIONS"]
        assert (options["host"], options["port"], options["use_tls"]) == (
            "mail",
            587,
            True,
        )
    else:
        assert settings["EMAIL_HOST"] == "mail"
        assert (settings["EMAIL_PORT"], settings["EMAIL_USE_TLS"]) == (587, True)


def test_headers_of_proxies_count_only_if_a_proxy_is_trusted(environ):
    environ(TRUSTED_PROXIES="10.0.0.0/8", SITE_DOMAIN="commons.example")

    settings = read_environment().settings(BASE)

    assert settings["SECURE_PROXY_SSL_HEADER"] == ("HTTP_X_FORWARDED_PROTO", "https")
    assert settings["IXDJANGO_TRUSTED_PROXIES"] == ["10.0.0.0/8"]
    assert settings["CSRF_TRUSTED_ORIGINS"] == ["https://commons.example"]


def test_debugging_is_off_in_production_and_cannot_be_switched_on(environ):
    environ(ENVIRONMENT="prod")
    assert not read_environment().debug

    environ(ENVIRONMENT="prod", DJANGO_DEBUG="true")
    assert problems() == [
        "DJANGO_DEBUG: it is on, and ENVIRONMENT is prod; example: DJANGO_DEBUG=false"
    ]


@pytest.mark.parametrize("protocol", ["udp", "tcp"])
def test_logs_go_to_the_syslog_server_that_is_named(environ, protocol):
    environ(SYSLOG_SERVER="logs", SYSLOG_PORT="1514", SYSLOG_PROTO=protocol)

    handler = read_environment().logging["handlers"]["main"]

    assert handler["address"] == ("logs", 1514)
    assert handler["class"] == "logging.handlers.SysLogHandler"


def test_logs_of_a_site_without_one_go_to_standard_error(environ):
    import logging.config

    logging.config.dictConfig(dict(read_environment().logging))
    (handler,) = logging.getLogger().handlers
    logging.getLogger().removeHandler(handler)

    assert isinstance(handler, logging.StreamHandler)


def test_importing_the_package_does_not_import_environs():
    code = "import sys, ixdjango.environment; print('environs' in sys.modules)"
    run = [sys.executable, "-c", code]

    assert subprocess.check_output(run, text=True, timeout=60) == "False\n"


def test_a_secret_is_text_like_any_other():
    assert f"{Secret('a')}b" == "ab"
    assert repr({"a": Secret("b")}) == "{'a': '***'}"
