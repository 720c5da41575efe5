from __future__ import annotations

import runpy

from ixdjango.environment.secret import Secret


def read(environ, **variables):
    environ(**variables)
    return runpy.run_module("ixdjango.docker_settings")


def test_the_names_of_the_original_are_there(environ):
    found = read(
        environ,
        DATABASE_URL=None,
        DB_DEFAULT_URL="postgres://u:s3cret@h/d",
        ENVIRONMENT="dev_local",
        DEVNAME="alice",
        SITE_DOMAIN="localhost:8000",
        SITE_PROTOCOL="http",
        ELASTICSEARCH_URLS="http://a:9200|http://b:9200",
        ELASTICSEARCH_INDEX_NAME="leaves",
    )

    assert found["ENVIRONMENT"] == "dev_local"
    assert found["DEVNAME"] == "alice"
    assert found["DEBUG"]
    assert found["SITE_URL"] == "http://localhost:8000"
    assert found["ELASTICSEARCH_URL"] == ["http://a:9200", "http://b:9200"]
    assert found["DATABASES"]["default"]["HOST"] == "h"
    assert found["DEFAULT_FROM_EMAIL"] == "do.not.reply@localhost:8000"
    assert found["NGINX_STATIC_DIR"] is None
    assert found["STATIC_ROOT"].endswith("/static")


def test_outside_development_files_are_where_the_containers_have_them(environ):
    found = read(environ, ENVIRONMENT="prod", SITE_DOMAIN="commons.example")

    assert found["MEDIA_ROOT"] == "/storage/media"
    assert found["NGINX_STATIC_DIR"] == "/static"
    assert found["ALLOWED_HOSTS"] == ["commons.example"]
    assert isinstance(found["SECRET_KEY"], Secret)


def test_without_elasticsearch_there_is_no_url(environ):
    # The original had [''], which is true.
    assert read(environ)["ELASTICSEARCH_URL"] == []
