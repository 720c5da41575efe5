from __future__ import annotations

import getpass

import pytest

from dev_services.declare.declaration import read_declaration
from dev_services.exceptions import DeclarationError

WHOLE = """
application_id: pallet
services:
  - postgres
  - elasticsearch
  - redis
driver: direct
environment:
  DB_ANOTHER_URL: postgres://alice@test.server/foo
postgres:
  host: db.example
  port: 5433
  user: al ice
  password: r@bbit
elasticsearch:
  urls: [http://a:9200, http://b:9200]
  index_name: leaves
redis:
  db_index: 3
"""


def declared(folder, text):
    (folder / "forklift.yaml").write_text(text)
    return read_declaration(folder)


def test_a_project_of_forklift_is_read_with_its_addresses(tmp_path, capsys):
    found = declared(tmp_path, WHOLE)

    assert tuple(found.versions) == ("postgresql", "elasticsearch", "redis")
    assert found.name == "pallet"
    assert found.environment == {
        "DB_ANOTHER_URL": "postgres://alice@test.server/foo",
        "DATABASE_URL": "postgresql://al%20ice:r%40bbit@db.example:5433/pallet",
        "ELASTICSEARCH_URL": "http://a:9200,http://b:9200",
        "ELASTICSEARCH_INDEX_NAME": "leaves",
        "REDIS_URL": "redis://localhost:6379/3",
    }
    assert "forklift.yaml: driver is left out" in capsys.readouterr().err


def test_its_command_gets_the_variables_that_it_knows(tmp_path):
    found = declared(tmp_path, "services: [postgres, redis]\napplication_id: pallet")
    urls = {
        "DATABASE_URL": "postgresql://u@h/d",
        "ELASTICSEARCH_URL": "http://a:1,http://b:2",
        "REDIS_URL": "redis://default:p@h:7/0",
    }

    assert found.finish(urls) == {
        **urls,
        "DB_DEFAULT_URL": "postgresql://u@h/d",
        "ELASTICSEARCH_URLS": "http://a:1|http://b:2",
        "ELASTICSEARCH_INDEX_NAME": "pallet",
        "REDIS_HOSTS": "h:7",
        "REDIS_DB_INDEX": "0",
        "ENVIRONMENT": "dev_local",
        "DEVNAME": getpass.getuser(),
        "SITE_DOMAIN": "localhost:8000",
        "SITE_PROTOCOL": "http",
    }
    assert found.finish({"ENVIRONMENT": "mine"})["ENVIRONMENT"] == "mine"


def test_an_address_of_the_environment_wins_over_its_override(tmp_path):
    found = declared(tmp_path, WHOLE)

    assert "DATABASE_URL" not in found.add_to({"DB_DEFAULT_URL": "postgres://u@h/d"})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("services: [memcache]", "the service 'memcache' is not given; there are"),
        ("services: [redis]\nredis: {hots: h}", "redis: 'hots' is unknown; there are"),
        ("services: [redis]\nredis: h", "redis: 'h' is unknown"),
        ("services: [redis]\nsevices: []", "'sevices' is unknown; Forklift reads"),
    ],
)
def test_what_is_unknown_is_refused_by_name(tmp_path, text, said):
    with pytest.raises(DeclarationError) as caught:
        declared(tmp_path, text)

    assert said in str(caught.value)
