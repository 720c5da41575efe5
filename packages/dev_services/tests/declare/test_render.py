from __future__ import annotations

import json
import subprocess
import sys

import pytest
import yaml

from dev_services.declare.declaration import Declaration
from dev_services.declare.render import render
from dev_services.exceptions import DeclarationError

ALL = Declaration(
    name="Shop",
    versions={"postgresql": 17, "elasticsearch": None, "redis": 7},
    environment={"SITE_DOMAIN": "localhost"},
)


@pytest.mark.parametrize(
    ("form", "schema"),
    [("compose", "vendor.compose-spec"), ("github", "vendor.github-workflows")],
)
def test_what_is_rendered_is_valid_by_its_published_schema(form, schema, tmp_path):
    rendered = tmp_path / "rendered.yaml"
    rendered.write_text(render(ALL, form, ["python", "-m", "pytest"]))

    checked = subprocess.run(
        [
            sys.executable,
            "-m",
            "check_jsonschema",
            "--builtin-schema",
            schema,
            rendered,
        ],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert checked.returncode == 0, checked.stdout


def test_compose_has_the_declared_versions_on_loopback_and_no_password():
    services = yaml.safe_load(render(ALL, "compose"))["services"]

    assert services["postgresql"]["image"] == "postgres:17"
    assert services["redis"]["ports"] == ["127.0.0.1:6379:6379"]
    password = services["postgresql"]["environment"]["POSTGRES_PASSWORD"]
    assert password == "${POSTGRES_PASSWORD:?set it in .env}"


def test_the_editor_gets_a_workspace_that_compose_alone_does_not_start():
    workspace = yaml.safe_load(render(ALL, "compose"))["services"]["workspace"]
    container = json.loads(render(ALL, "devcontainer", ["pip", "install", "-e", "."]))

    assert workspace["profiles"] == ["devcontainer"]
    assert workspace["environment"]["REDIS_URL"] == "redis://redis:6379/0"
    assert workspace["environment"]["SITE_DOMAIN"] == "localhost"
    assert container["service"] in yaml.safe_load(render(ALL, "compose"))["services"]
    assert container["postCreateCommand"] == "pip install -e ."


def test_a_workflow_runs_the_command_with_the_addresses():
    job = yaml.safe_load(render(ALL, "github", ["make", "test"]))["jobs"]["test"]

    assert job["env"]["ELASTICSEARCH_URL"] == "http://localhost:9200"
    assert job["env"]["DATABASE_URL"].endswith("@localhost:5432/app")
    assert job["steps"][-1] == {"run": "make test"}


def test_a_version_without_a_known_image_is_refused():
    declared = Declaration(versions={"elasticsearch": 7})

    with pytest.raises(DeclarationError, match="Elasticsearch 7 is known; there are 8"):
        render(declared, "compose")
