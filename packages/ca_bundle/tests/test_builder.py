"""What a bundle holds, what is refused, and that a file is never half written."""

from __future__ import annotations

import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import certifi
import pytest
import requests
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7

from ca_bundle import Session, build
from ca_bundle.exceptions import (
    BuildRefusedError,
    CABundleError,
    CertificateReadError,
)
from ca_bundle.read.certificates import read_certificates

from .pki import DAY, issue, issue_authorities
from .servers import serving


@pytest.fixture
def make(files, forgetful):
    """Build the bundle of the forgetful server in the working directory."""

    def run(*intermediates, roots="root.pem", port=forgetful, **options):
        return build(
            f"localhost:{port}",
            files / "out.pem",
            intermediates=[files / name for name in intermediates],
            roots=[roots],
            **options,
        )

    return run


def test_a_bundle_holds_the_intermediate_and_its_root(make, files, authorities):
    built = make("intermediate.pem")

    root, intermediate = authorities
    assert built.is_changed
    assert built.members == ["Example Intermediate", "Example Root"]
    assert read_certificates(files / "out.pem") == [
        intermediate.certificate,
        root.certificate,
    ]


def test_the_same_bundle_is_not_written_again(make, files):
    make("intermediate.pem")
    before = (files / "out.pem").stat()

    built = make("intermediate.pem")

    after = (files / "out.pem").stat()
    assert not built.is_changed
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)


def test_a_present_bundle_is_built_again_without_the_intermediate(make):
    make("intermediate.pem")

    assert not make().is_changed


@pytest.fixture
def own_certifi(tmp_path, monkeypatch, authorities):
    """A certifi that holds the root of the tests."""
    path = tmp_path / "cacert.pem"
    path.write_text(authorities[0].pem)
    monkeypatch.setattr(certifi, "where", lambda: str(path))
    return path


def test_a_new_certifi_makes_a_new_bundle(make, own_certifi):
    make("intermediate.pem", roots="certifi")
    assert not make(roots="certifi").is_changed

    own_certifi.write_text(own_certifi.read_text() + issue("New", ca=True).pem)

    assert make(roots="certifi").is_changed


def test_a_root_that_certifi_has_removed_is_refused(make, own_certifi, files):
    make("intermediate.pem", roots="certifi")
    before = (files / "out.pem").read_bytes()
    own_certifi.write_text(issue("New", ca=True).pem)

    with pytest.raises(
        BuildRefusedError, match="Example Root is self-signed and not a"
    ):
        make(roots="certifi")

    assert (files / "out.pem").read_bytes() == before


def test_a_server_that_sends_its_chain_needs_no_file(make, authorities):
    _, intermediate = authorities
    with serving(issue("localhost", intermediate), intermediate) as port:
        assert make(port=port).members == ["Example Intermediate", "Example Root"]


def crlf(pem):
    return pem.replace("\n", "\r\n").encode()


SHAPES = {
    "PEM": lambda pair: (pair[0].pem + pair[1].pem).encode(),
    "no newline between": lambda pair: (pair[0].pem.strip() + pair[1].pem).encode(),
    "CRLF": lambda pair: crlf(pair[0].pem),
    "a byte order mark": lambda pair: b"\xef\xbb\xbf" + crlf(pair[0].pem),
    "UTF-16": lambda pair: pair[0].pem.encode("utf-16"),
    "text around it": lambda pair: f"subject=\nÄ\n{pair[0].pem}end".encode(),
    "DER": lambda pair: pair[0].der,
    "PKCS #7 in DER": lambda pair: pkcs7.serialize_certificates(
        [item.certificate for item in pair], Encoding.DER
    ),
    "PKCS #7 in PEM": lambda pair: pkcs7.serialize_certificates(
        [item.certificate for item in pair], Encoding.PEM
    ),
}


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_a_file_of_any_shape_gives_normal_pem(shape, make, files, authorities):
    root, intermediate = authorities
    (files / "odd").write_bytes(shape([intermediate, root]))

    make("odd")

    assert b"\r" not in (files / "out.pem").read_bytes()
    assert len(read_certificates(files / "out.pem")) == 2


def look_alike():
    return issue_authorities()[1]


def refused_intermediates():
    """Certificates with which no bundle may be built, and the reason."""
    root = issue("Example Root", ca=True)
    small = rsa.generate_private_key(65537, 1024)
    yield "leaf", issue("localhost", root), "is not the certificate of a CA"
    yield "other CA", issue("Other", root, ca=True), "is not part of the chain"
    yield "expired", issue("Old", root, ca=True, start=-9 * DAY, end=-DAY), "expired on"
    yield "weak", issue("Weak", root, ca=True, key=small), "has a key of 1024 bits"
    yield "look-alike", look_alike(), "its key did not make the signature"


REFUSED = {name: (item, reason) for name, item, reason in refused_intermediates()}


@pytest.mark.parametrize(("given", "reason"), REFUSED.values(), ids=REFUSED)
def test_a_certificate_that_does_not_help_is_refused(given, reason, make, files):
    (files / "given.pem").write_text(given.pem)

    with pytest.raises(BuildRefusedError, match=reason) as caught:
        make("given.pem")

    assert "\n" not in str(caught.value)
    assert not (files / "out.pem").exists()


@pytest.mark.parametrize(("given", "reason"), REFUSED.values(), ids=REFUSED)
def test_beside_the_right_one_it_is_left_out_and_said(given, reason, make, files):
    (files / "given.pem").write_text(given.pem)

    built = make("given.pem", "intermediate.pem")

    assert built.members == ["Example Intermediate", "Example Root"]
    assert reason in built.notes[0]


BROKEN = {
    "expired intermediate": ({"start": -9 * DAY, "end": -DAY}, "Intermediate expired"),
    "weak intermediate": (
        {"key": rsa.generate_private_key(65537, 1024)},
        "has a key of 1024 bits",
    ),
    "intermediate that may not sign": ({"is_signer": False}, "may not sign"),
    "no keyUsage": (
        {"usage": False},
        "Python from 3.13 on would refuse it: .*key usage",
    ),
}


def test_a_root_that_breaks_under_python_3_13_is_refused(make, files):
    root = issue("Example Root", ca=True, usage=False)
    intermediate = issue("Example Intermediate", root, ca=True)
    (files / "root.pem").write_text(root.pem)

    with (
        serving(issue("localhost", intermediate), intermediate) as port,
        pytest.raises(BuildRefusedError, match=r"Python from 3.13 on would refuse it"),
    ):
        make(port=port)


def test_a_file_that_is_read_is_not_overwritten(files, forgetful):
    before = (files / "root.pem").read_bytes()

    with pytest.raises(CABundleError, match="is read and would be overwritten"):
        build(
            f"localhost:{forgetful}",
            files / "root.pem",
            intermediates=[files / "intermediate.pem"],
            roots=["root.pem"],
        )
    assert (files / "root.pem").read_bytes() == before


@pytest.mark.parametrize(("options", "reason"), BROKEN.values(), ids=BROKEN)
def test_a_chain_that_no_bundle_cures_is_refused(options, reason, make, files):
    root, intermediate = issue_authorities(**options)
    (files / "root.pem").write_text(root.pem)
    (files / "given.pem").write_text(intermediate.pem)

    with (
        serving(issue("localhost", intermediate)) as port,
        pytest.raises(BuildRefusedError, match=reason),
    ):
        make("given.pem", port=port)

    assert not (files / "out.pem").exists()


BAD_FILES = {
    "empty": (b"", "empty"),
    "a key": (
        b"-----BEGIN PRIVATE KEY-----\nAA==\n-----END PRIVATE KEY-----\n",
        "holds a private key and no certificate",
    ),
    "cut off": (
        b"-----BEGIN CERTIFICATE-----\nMIIB",
        "block 1: cut off before its END line",
    ),
    "damaged": (
        b"-----BEGIN CERTIFICATE-----\nMIIB*\n-----END CERTIFICATE-----\n",
        "block 1: damaged",
    ),
    "not a certificate": (
        b"-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n",
        "block 1: not a certificate",
    ),
    "a web page": (b"<!doctype html><title>404</title>", "holds a web page"),
    "text": (b"hello", "holds no certificate"),
    "binary": (b"\x30\x03\x02\x01\x05", "neither a certificate nor PKCS #7"),
    "too large": (b" " * (4 * 1024 * 1024 + 1), "larger than"),
}


@pytest.mark.parametrize(("content", "reason"), BAD_FILES.values(), ids=BAD_FILES)
def test_a_bad_file_is_told_with_its_place(content, reason, make, files):
    (files / "bad").write_bytes(content)

    with pytest.raises(CertificateReadError, match=f"bad.*: .*{reason}|bad, {reason}"):
        make("bad")


def test_a_file_that_is_not_there_is_told(make):
    with pytest.raises(CertificateReadError, match="No such file or directory"):
        make("absent.pem")


FULL_DISK = """
import resource, signal, sys
from ca_bundle.cli import main
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
_, largest = resource.getrlimit(resource.RLIMIT_FSIZE)
resource.setrlimit(resource.RLIMIT_FSIZE, (300, largest))
code = main(sys.argv[1:])
resource.setrlimit(resource.RLIMIT_FSIZE, (largest, largest))  # for coverage's file
sys.exit(code)
"""


def test_a_full_disk_leaves_the_old_bundle(make, files, forgetful):
    (files / "out.pem").write_text("old")

    done = subprocess.run(
        [
            *(sys.executable, "-c", FULL_DISK, "build"),
            *("--host", f"localhost:{forgetful}", "--out", "out.pem"),
            *("--intermediate", "intermediate.pem", "--roots", "root.pem"),
        ],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode == 2
    assert done.stderr == (
        "CABundleError: out.pem: cannot be written: File too large; it is unchanged\n"
    )
    assert (files / "out.pem").read_text() == "old"
    assert sorted(path.name for path in files.iterdir()) == [
        "intermediate.pem",
        "out.pem",
        "root.pem",
    ]


def test_a_link_and_the_mode_of_the_file_stay(make, files):
    (files / "real.pem").touch(mode=0o600)
    (files / "out.pem").symlink_to("real.pem")

    make("intermediate.pem")

    assert (files / "out.pem").is_symlink()
    assert (files / "real.pem").stat().st_mode & 0o777 == 0o600


def test_fifty_builders_and_fifty_readers_never_meet_half_a_file(
    make, files, authorities
):
    root, first = authorities
    key = ec.generate_private_key(ec.SECP256R1())
    other_root = issue("Other Root", ca=True)
    second = issue("Example Intermediate", other_root, ca=True, key=first.key)
    (files / "second.pem").write_text(second.pem)
    (files / "both.pem").write_text(root.pem + other_root.pem)
    leaf = issue("localhost", first, key=key)
    failures: list[Exception] = []
    started = threading.Barrier(100, timeout=60)

    with serving(leaf) as port:
        make("intermediate.pem", port=port)
        choices = [("intermediate.pem", "root.pem"), ("second.pem", "both.pem")]

        def write(number):
            given, roots = choices[number % 2]
            started.wait()
            make(given, roots=roots, port=port)

        def read(_number):
            started.wait()
            with Session({"localhost": files / "out.pem"}) as session:
                for _ in range(4):
                    try:
                        session.get(f"https://localhost:{port}/", timeout=30)
                    except requests.RequestException as error:  # noqa: PERF203
                        failures.append(error)

        with ThreadPoolExecutor(100) as pool:
            writers = [pool.submit(write, number) for number in range(50)]
            readers = [pool.submit(read, number) for number in range(50)]
            for future in writers + readers:
                future.result(timeout=120)

    assert not failures
    assert len(read_certificates(files / "out.pem")) == 2
