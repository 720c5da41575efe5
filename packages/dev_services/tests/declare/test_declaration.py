from __future__ import annotations

import os

import pytest

from dev_services.declare.declaration import DEFAULT, read_declaration
from dev_services.exceptions import DeclarationError, ServiceError


def declared(folder, text, name="dev_services.yaml"):
    (folder / name).write_text(text)
    return read_declaration(folder)


def test_without_a_file_the_default_services_are_given(tmp_path):
    found = read_declaration(tmp_path)

    assert tuple(found.versions) == DEFAULT
    assert found.name is None


def test_services_are_a_list_or_have_versions(tmp_path):
    listed = declared(tmp_path, "services: [redis, postgresql]")
    assert dict(listed.versions) == {"redis": None, "postgresql": None}

    text = "name: shop\nservices:\n  postgresql:\n    version: 17\n  redis:\n"
    found = declared(tmp_path, text)
    assert dict(found.versions) == {"postgresql": 17, "redis": None}
    assert found.name == "shop"


def test_the_name_is_that_of_the_folder_unless_it_is_given(tmp_path):
    assert declared(tmp_path, "services: [redis]").name == tmp_path.name


def test_what_the_environment_sets_wins_over_what_is_declared(tmp_path):
    text = "services: [redis]\nenvironment: {A: declared, B: declared}\n"
    found = declared(tmp_path, text)

    assert found.add_to({"A": "set"}) == {"A": "set", "B": "declared"}


def test_values_stay_as_they_were_written(tmp_path):
    text = "services: [redis]\nenvironment: {A: yes, B: 010, C: 1.0}\n"

    assert declared(tmp_path, text).environment == {"A": "yes", "B": "010", "C": "1.0"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("services: [mysql]", "services: 'mysql' is unknown; there are postgresql"),
        ("service: [redis]", "'service' is unknown; there are name, services"),
        ("services: []", "`services` lists none; name some of postgresql"),
        ("services: redis", "`services` lists none"),
        ("services: {redis: 7}", "services.redis is '7'; write `version: 18` below it"),
        ("services: {redis: {versoin: 7}}", "'versoin' is unknown; there are version"),
        ("services: {redis: {version: 7.2}}", "'7.2'; give the major version"),
        ("services: [redis]\nenvironment: [A]", "`environment` is not a mapping"),
        ("services: [redis]\nenvironment: {1A: x}", "`environment` is not a mapping"),
        ("services: [redis", ":1: "),
        ("- redis", "holds no mapping; begin with `services:`"),
        ("name: [x]\nservices: [redis]", "`name` is not a word"),
    ],
)
def test_a_mistake_is_one_line_with_file_and_cure(tmp_path, text, said):
    with pytest.raises(DeclarationError) as caught:
        declared(tmp_path, text)

    assert str(caught.value).startswith(str(tmp_path / "dev_services.yaml"))
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_chosen_file_must_exist(tmp_path):
    with pytest.raises(DeclarationError, match="does not exist; correct --file"):
        read_declaration(tmp_path, tmp_path / "no.yaml")


def test_a_file_that_is_not_text_is_refused(tmp_path):
    (tmp_path / "dev_services.yaml").write_bytes(b"services: [\xff]")

    with pytest.raises(DeclarationError, match="is not valid UTF-8"):
        read_declaration(tmp_path)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_a_file_of_another_user_is_refused(tmp_path):
    (tmp_path / "dev_services.yaml").write_text("services: [redis]")
    os.chown(tmp_path / "dev_services.yaml", 65534, 65534)

    with pytest.raises(ServiceError):
        read_declaration(tmp_path)
