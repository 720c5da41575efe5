from __future__ import annotations

import base64
import hashlib
import json
import re
import subprocess
import urllib.request
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from dev_services.choose.choice import RELEASES, Jdk, Release
from dev_services.exceptions import ServiceError
from dev_services.plan import Plan
from dev_services.provide import elasticsearch, provide
from dev_services.servers.elasticsearch import Node, find_home
from dev_services.servers.search_http import SearchAddress, search_version
from tests.conftest import without_services

ELASTICSEARCH = ("elasticsearch",)
# The settings by which Wagtail's back ends make an index.
ANALYSIS = {
    "analyzer": {
        "ngram_analyzer": {
            "type": "custom",
            "tokenizer": "standard",
            "filter": ["asciifolding", "lowercase", "ngram"],
        },
        "edgengram_analyzer": {
            "type": "custom",
            "tokenizer": "standard",
            "filter": ["asciifolding", "lowercase", "edgengram"],
        },
        "by_tokenizer": {"type": "custom", "tokenizer": "edgengram_tokenizer"},
        "keeps_both": {
            "type": "custom",
            "tokenizer": "ngram_tokenizer",
            "filter": ["folding_and_original"],
        },
    },
    "tokenizer": {
        "ngram_tokenizer": {"type": "ngram", "min_gram": 3, "max_gram": 15},
        "edgengram_tokenizer": {
            "type": "edge_ngram",
            "min_gram": 2,
            "max_gram": 15,
            "side": "front",
        },
    },
    "filter": {
        "ngram": {"type": "ngram", "min_gram": 3, "max_gram": 15},
        "edgengram": {"type": "edge_ngram", "min_gram": 1, "max_gram": 15},
        "folding_and_original": {"type": "asciifolding", "preserve_original": True},
    },
}


@pytest.fixture(scope="session")
def started():
    """The address of a throw-away server, started once."""
    _, start = provide(Plan(ELASTICSEARCH, without_services(), throw_away=True))
    with start() as variables:
        yield variables["ELASTICSEARCH_URL"]


def call(url, method, path, body=None):
    address = SearchAddress.of(url)
    token = base64.b64encode(address.credentials.encode()).decode()
    request = urllib.request.Request(
        f"http://{address}{path}",
        method=method,
        data=json.dumps(body).encode() if body else None,
        headers={"Authorization": f"Basic {token}", "Content-Type": "application/json"},
    )
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=30) as response:
        return json.load(response)


@pytest.fixture(scope="session")
def index(started):
    settings = {"analysis": ANALYSIS, "index": {"max_ngram_diff": 12}}
    call(started, "PUT", "/texts", {"settings": settings})
    return started


@pytest.mark.elasticsearch
def test_a_started_server_is_of_the_chosen_version(started):
    choice = elasticsearch.choose(Plan(ELASTICSEARCH, without_services()))

    assert search_version(SearchAddress.of(started)) == choice.version


@pytest.mark.elasticsearch
def test_a_started_server_asks_for_the_password(started):
    password = SearchAddress.of(started).credentials.partition(":")[2]

    with pytest.raises(ServiceError, match="HTTP 401"):
        search_version(SearchAddress.of(started.replace(password, "guess")))


@pytest.mark.elasticsearch
def test_no_process_shows_the_password_of_a_started_server(started):
    shown = subprocess.run(["ps", "axeww"], capture_output=True, text=True).stdout

    assert "org.elasticsearch" in shown
    assert SearchAddress.of(started).credentials.partition(":")[2] not in shown


@pytest.mark.elasticsearch
@pytest.mark.parametrize(
    ("analyzer", "tokens"),
    [
        ("edgengram_analyzer", ["e", "el", "ele", "elec"]),
        ("ngram_analyzer", ["ele", "elec", "lec"]),
        ("by_tokenizer", ["Él", "Éle", "Élec"]),
        ("keeps_both", ["Ele", "Éle", "Elec", "Élec", "lec"]),
    ],
)
def test_a_started_server_analyses_as_wagtails_settings_ask(index, analyzer, tokens):
    body = {"analyzer": analyzer, "text": "Élec"}

    found = call(index, "POST", "/texts/_analyze", body)["tokens"]

    assert [token["token"] for token in found] == tokens


@pytest.mark.elasticsearch
def test_a_document_is_found_by_the_beginning_of_a_word(index):
    mapping = {
        "properties": {
            "title": {
                "type": "text",
                "analyzer": "edgengram_analyzer",
                "search_analyzer": "standard",
            }
        }
    }
    call(index, "PUT", "/texts/_mapping", mapping)
    call(index, "PUT", "/texts/_doc/1?refresh=true", {"title": "Électricité générale"})

    found = call(
        index, "POST", "/texts/_search", {"query": {"match": {"title": "elec"}}}
    )

    assert [hit["_id"] for hit in found["hits"]["hits"]] == ["1"]


RELEASE = Release("0.1.0", 17)
# Maven as far as we call it: it copies an archive into the folder that it is told.
MVN = """#!/bin/sh
for argument; do
    case $argument in -DoutputDirectory=*) cp "{archive}" "${{argument#*=}}/"; esac
done
"""
JAVAC = """#!/bin/sh
while [ "$1" != -d ]; do shift; done
mkdir -p "$2/org/fieldkit" && touch "$2/org/fieldkit/FieldkitAnalysisPlugin.class"
"""


@pytest.fixture
def our_places(our_places, plot):
    """Places of this test alone: it breaks what it unpacks."""
    return replace(our_places, binaries=plot / "unpacked")


def script(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)


@pytest.fixture
def jdk(plot, monkeypatch):
    """A JDK, and a Maven whose Elasticsearch gives up at once."""
    archive = plot / "elasticsearch-0.1.0.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        name = "elasticsearch-0.1.0/{}".format
        for file in (
            "jvm.options",
            "log4j2.properties",
            "roles.yml",
            "role_mapping.yml",
        ):
            packed.writestr(name(f"config/{file}"), "")
        packed.writestr(
            name("bin/elasticsearch"), "#!/bin/sh\necho ERROR: boots not\nexit 1\n"
        )
    script(plot / "bin" / "mvn", MVN.format(archive=archive))
    script(plot / "jdk" / "bin" / "javac", JAVAC)
    monkeypatch.setenv("PATH", f"{plot}/bin:/usr/bin:/bin")
    return Jdk(plot / "jdk", 17)


@pytest.fixture
def release(jdk, plot):
    """The release of the archive, which has another digest each time."""
    archive = plot / "elasticsearch-0.1.0.zip"
    return replace(RELEASE, sha256=hashlib.sha256(archive.read_bytes()).hexdigest())


def test_another_archive_is_not_unpacked(jdk, our_places, release):
    other = replace(release, sha256="0" * 64)

    with pytest.raises(ServiceError, match=rf"SHA-256 {release.sha256}\): remove it"):
        find_home(other, jdk, our_places)

    assert not list(our_places.binaries.rglob("bin/elasticsearch"))


def test_every_release_has_its_digest():
    assert all(re.fullmatch(r"[0-9a-f]{64}", known.sha256) for known in RELEASES)


def test_the_archive_is_unpacked_with_programs_and_plug_in(jdk, our_places, release):
    home = find_home(release, jdk, our_places)

    plugin = home / "plugins" / "fieldkit-analysis"
    descriptor = (plugin / "plugin-descriptor.properties").read_text()
    assert (home / "bin" / "elasticsearch").stat().st_mode & 0o777 == 0o755
    assert "elasticsearch.version=0.1.0\n" in descriptor
    assert zipfile.ZipFile(plugin / "fieldkit-analysis.jar").namelist() == [
        "org/fieldkit/FieldkitAnalysisPlugin.class"
    ]
    assert [path.name for path in home.parent.iterdir()] == [home.name]


def test_a_failing_maven_is_one_line_with_the_cure(jdk, our_places, plot):
    script(plot / "bin" / "mvn", "#!/bin/sh\necho '[ERROR] no network'\nexit 1\n")

    with pytest.raises(ServiceError, match=r"no network.*--services postgresql"):
        find_home(RELEASE, jdk, our_places)


def test_a_server_that_does_not_boot_says_why_and_leaves_nothing(
    jdk, our_places, release
):
    home = find_home(release, jdk, our_places)
    node = Node(our_places.kept / "es", home, release, jdk, our_places.account)

    with pytest.raises(ServiceError, match="elasticsearch failed: ERROR: boots not"):
        node.start()

    assert node.url() is None


def test_a_server_that_ends_at_once_is_told(jdk, our_places, release):
    home = find_home(release, jdk, our_places)
    script(home / "bin" / "elasticsearch", "#!/bin/sh\n")
    node = Node(our_places.kept / "es", home, release, jdk, our_places.account)

    with pytest.raises(ServiceError, match=r"ended at once \(logs: "):
        node.start()
