"""Installing: mip from a server of our own, the manifest, and ROMFS."""

from __future__ import annotations

import functools
import http.server
import json
import re
import threading

import build
import publish
import pytest
from conftest import FIRMWARE
from servers import Loop, Trouble

INSTALL = """
import mip
mip.install("http://127.0.0.1:%d/%s/package.json", target=%r)
"""
USE = """
from uwebsockets.client import connect
import uwebsockets.protocol, usocketio.client, usocketio.polling
with connect("ws://127.0.0.1:%d/echo") as socket:
    socket.send("installed")
    print(socket.recv(), uwebsockets.protocol.__file__)
"""
EVERY_MODULE = [module for names in build.SETS.values() for module in names]
# The second byte of native code's header: the architecture, times four.
ARCHITECTURES = {"xtensa": 9, "xtensawin": 10}


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    handler = functools.partial(Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        port = server.server_address[1]
        publish.write_variants(f"http://127.0.0.1:{port}", folder)
        yield folder, port
        server.shutdown()
        thread.join(5)


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *arguments):
        pass


@pytest.mark.parametrize("variant", ["source", "bytecode"])
def test_mip_installs_what_then_runs(micropython, variant, site, program, tmp_path):
    _, port = site
    target = tmp_path / "lib"
    program.run(micropython, INSTALL % (port, variant, str(target)), places=())

    with Loop() as loop:
        server = Trouble()
        echo = loop.call(server.start())
        output = program.run(micropython, USE % echo, places=(target,))
        loop.call(server.stop())

    assert output.startswith(f"installed {target}/uwebsockets/protocol.")


@pytest.mark.parametrize("variant", publish.VARIANTS)
def test_a_package_json_names_every_file_by_an_absolute_url(variant, site):
    folder, port = site
    package = json.loads((folder / variant / "package.json").read_text())

    names = [name for name, _ in package["urls"]]
    for name, url in package["urls"]:
        assert url == f"http://127.0.0.1:{port}/{variant}/{name}"
        assert (folder / variant / name).exists()
    kind = "py" if variant == "source" else "mpy"
    for module in EVERY_MODULE:
        assert f"{module}.{kind}" in names
    assert not any("desktop" in name for name in names)


@pytest.mark.parametrize("variant", ARCHITECTURES)
def test_machine_code_is_for_its_architecture(variant, site):
    folder, _ = site

    head = (folder / variant / f"{build.VIPER}.mpy").read_bytes()[:4]

    assert head[0:1] == b"M"
    assert head[2] >> 2 == ARCHITECTURES[variant]
    assert not (folder / "bytecode" / f"{build.VIPER}.mpy").exists()


def test_the_manifest_freezes_what_the_build_compiles():
    frozen = []

    def package(name, files, base_path, opt):
        assert (base_path, opt) == (".", 3)
        frozen.extend(f"{name}/{file.removesuffix('.py')}" for file in files)

    source = (FIRMWARE / "manifest.py").read_text(encoding="utf-8")
    included = []
    exec(source, {"include": included.append, "package": package})

    assert sorted(frozen) == sorted(EVERY_MODULE)
    assert included == ["$(PORT_DIR)/boards/manifest.py"]
    assert all((FIRMWARE / f"{module}.py").exists() for module in frozen)


def test_the_build_tool_writes_modules_and_an_image(tmp_path, capsys):
    image = tmp_path / "code.romfs"

    build.main([str(tmp_path / "out"), "--romfs", str(image), "--without", "upins"])

    assert re.match(r"\d+ modules, \d+ bytes", capsys.readouterr().out)
    assert image.read_bytes().startswith(b"\xd2\xcd\x31")
    assert (tmp_path / "out/uwebsockets/client.mpy").exists()
    assert not (tmp_path / "out/upins").exists()
