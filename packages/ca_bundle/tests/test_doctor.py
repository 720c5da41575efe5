"""The doctor is right about every server of a table of broken ones."""

from __future__ import annotations

import contextlib
import socket
import threading

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from ca_bundle import build, examine
from ca_bundle.exceptions import UnreachableError
from ca_bundle.judge.faults import Code

from .pki import CLIENT, DAY, issue, issue_authorities
from .servers import serving


def complete(**leaf):
    """A root, and a server's chain whose own certificate is broken."""
    root, intermediate = issue_authorities()
    return root, [issue("localhost", intermediate, **leaf), intermediate]


def below(**options):
    """A root, and a chain whose intermediate is broken."""
    root, intermediate = issue_authorities(**options)
    return root, [issue("localhost", intermediate), intermediate]


def below_root(**options):
    """A root that is broken, and a whole chain."""
    root = issue("Example Root", ca=True, **options)
    intermediate = issue("Example Intermediate", root, ca=True, path_length=0)
    return root, [issue("localhost", intermediate), intermediate]


def intermediate_missing():
    root, [leaf, _] = complete()
    return root, [leaf]


def upper_intermediate_missing():
    root = issue("Example Root", ca=True)
    upper = issue("Upper", root, ca=True)
    lower = issue("Lower", upper, ca=True)
    return root, [issue("localhost", lower), lower]


def root_unknown():
    _, chain = complete()
    return issue("Another Root", ca=True), chain


def root_sent_and_unknown():
    root, chain = complete()
    return issue("Another Root", ca=True), [*chain, root]


def self_signed():
    return issue("Another Root", ca=True), [issue("localhost")]


def look_alike_sent():
    root, intermediate = issue_authorities()
    _, look_alike = issue_authorities()
    return root, [issue("localhost", intermediate), look_alike]


def look_alike_root():
    _, chain = complete()
    return issue("Example Root", ca=True), chain


def path_too_long():
    root = issue("Example Root", ca=True)
    upper = issue("Upper", root, ca=True, path_length=0)
    lower = issue("Lower", upper, ca=True)
    return root, [issue("localhost", lower), lower, upper]


def issued_by_a_server():
    root, [leaf, intermediate] = complete()
    return root, [issue("localhost", leaf), leaf, intermediate]


def expired_under_another_name():
    return complete(hosts=["other.example"], start=-9 * DAY, end=-DAY)


SMALL_KEY = rsa.generate_private_key(65537, 1024)

TABLE = {
    "intermediate missing": (intermediate_missing, [Code.INTERMEDIATE_MISSING]),
    "upper intermediate missing": (upper_intermediate_missing, [Code.ROOT_UNKNOWN]),
    "root unknown": (root_unknown, [Code.ROOT_UNKNOWN]),
    "root sent and unknown": (root_sent_and_unknown, [Code.ROOT_UNKNOWN]),
    "self-signed": (self_signed, [Code.SELF_SIGNED]),
    "look-alike of the intermediate": (look_alike_sent, [Code.SIGNATURE]),
    "look-alike of the root": (look_alike_root, [Code.SIGNATURE]),
    "leaf expired": (
        lambda: complete(start=-9 * DAY, end=-DAY),
        [Code.EXPIRED],
    ),
    "leaf not yet valid": (lambda: complete(start=DAY), [Code.NOT_YET_VALID]),
    "intermediate expired": (
        lambda: below(start=-9 * DAY, end=-DAY),
        [Code.EXPIRED],
    ),
    "intermediate not yet valid": (lambda: below(start=DAY), [Code.NOT_YET_VALID]),
    "root expired": (lambda: below_root(start=-9 * DAY, end=-DAY), [Code.EXPIRED]),
    "another host": (lambda: complete(hosts=["other.example"]), [Code.HOST_NAME]),
    "address only": (lambda: complete(hosts=["127.0.0.1"]), [Code.HOST_NAME]),
    "no name but the common one": (lambda: complete(hosts=[]), [Code.HOST_NAME]),
    "for clients": (lambda: complete(purposes=[CLIENT]), [Code.KEY_USAGE]),
    "intermediate may not sign": (lambda: below(is_signer=False), [Code.KEY_USAGE]),
    "intermediate is not a CA": (issued_by_a_server, [Code.NOT_A_CA, Code.PATH_LENGTH]),
    "path too long": (path_too_long, [Code.PATH_LENGTH]),
    "small key": (lambda: complete(key=SMALL_KEY), [Code.WEAK]),
    "expired, under another name": (
        expired_under_another_name,
        [Code.HOST_NAME, Code.EXPIRED],
    ),
    "excluded by a name constraint": (
        lambda: below(excluded="localhost"),
        [Code.OTHER],
    ),
}
STRICT_TABLE = {
    "intermediate without keyUsage": lambda: below(usage=False),
    "root without keyUsage": lambda: below_root(usage=False),
    "leaf without authorityKeyIdentifier": lambda: complete(authority_id=False),
    "intermediate without authorityKeyIdentifier": lambda: below(authority_id=False),
    "intermediate without subjectKeyIdentifier": lambda: below(subject_id=False),
    "basicConstraints that are not critical": lambda: below(critical=False),
    "a server's key that may sign": lambda: complete(is_signer=True),
}
WEAK = "ALL:@SECLEVEL=0"


def diagnose(tmp_path, root, chain, **options):
    roots = tmp_path / "root.pem"
    roots.write_text(root.pem)
    with serving(*chain, ciphers=WEAK) as port:
        return examine(f"localhost:{port}", roots=[str(roots)], **options)


def codes(diagnosis):
    return [defect.code for defect in diagnosis.defects]


@pytest.mark.parametrize(("make", "expected"), TABLE.values(), ids=TABLE)
def test_each_defect_is_named(make, expected, tmp_path):
    diagnosis = diagnose(tmp_path, *make())

    assert codes(diagnosis) == expected
    assert not diagnosis.verifies
    assert all(defect.message and defect.cure for defect in diagnosis.defects)


@pytest.mark.parametrize("make", STRICT_TABLE.values(), ids=STRICT_TABLE)
def test_chains_that_break_under_python_3_13_are_named(make, tmp_path):
    diagnosis = diagnose(tmp_path, *make())

    assert diagnosis.verifies
    assert not diagnosis.verifies_strictly
    assert codes(diagnosis) == [Code.STRICT]
    assert "OpenSSL" not in diagnosis.defects[0].message


def test_a_whole_chain_verifies(tmp_path):
    diagnosis = diagnose(tmp_path, *complete())

    assert diagnosis.verifies
    assert diagnosis.verifies_strictly
    assert not diagnosis.defects
    assert not diagnosis.notes


def test_a_chain_out_of_order_verifies_and_is_noted(tmp_path):
    root = issue("Example Root", ca=True)
    upper = issue("Upper", root, ca=True)
    lower = issue("Lower", upper, ca=True)
    other = issue("Other", root, ca=True)

    diagnosis = diagnose(
        tmp_path, root, [issue("localhost", lower), upper, lower, other, other]
    )

    assert diagnosis.verifies
    assert diagnosis.notes == [
        "The certificates are sent out of order.",
        "A certificate is sent twice.",
        "Other is sent, but it is not part of the chain.",
        "Other is sent, but it is not part of the chain.",
    ]


def test_an_intermediate_at_hand_makes_the_diagnosis_certain(files, forgetful):
    intermediate = files / "intermediate.pem"

    diagnosis = examine(
        f"localhost:{forgetful}",
        roots=[str(files / "root.pem")],
        intermediates=[intermediate],
    )

    [defect] = diagnosis.defects
    assert defect.message == (
        "The server does not send Example Intermediate; the root Example Root is in"
        f" {files / 'root.pem'}."
    )
    assert defect.cure.endswith(
        f"ca_bundle build --host localhost:{forgetful} --intermediate={intermediate}"
        f" --roots={files / 'root.pem'}"
    )
    assert not diagnosis.unknown_issuer
    assert [link.source for link in diagnosis.chain] == [
        "sent",
        "missing",
        str(files / "root.pem"),
    ]


def test_a_sound_path_that_openssl_does_not_take_is_cured_by_a_bundle(tmp_path):
    old, new = (
        issue("Old Root", ca=True, end=-DAY, start=-9 * DAY),
        issue("New", ca=True),
    )
    key = ec.generate_private_key(ec.SECP256R1())
    by_old = issue("Example Intermediate", old, ca=True, key=key)
    by_new = issue("Example Intermediate", new, ca=True, key=key)
    roots = tmp_path / "roots.pem"
    roots.write_text(old.pem + new.pem)

    with serving(issue("localhost", by_new), by_old, by_new) as port:
        diagnosis = examine(f"localhost:{port}", roots=[str(roots)])
        build(f"localhost:{port}", tmp_path / "bundle.pem", roots=[str(roots)])

    assert codes(diagnosis) == [Code.OTHER_PATH]
    assert diagnosis.chain[-1].certificate == new.certificate


@contextlib.contextmanager
def answering(answer):
    """Run a server that answers every connection with `answer`, or never if None."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        ended = threading.Event()

        def run():
            connection, _ = listener.accept()
            with connection:
                if answer is None:
                    ended.wait(10)
                else:
                    connection.sendall(answer)

        thread = threading.Thread(target=run)
        thread.start()
        yield listener.getsockname()[1]
        ended.set()
        thread.join(10)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "the server does not speak TLS"),
        (b"220 mail.example ESMTP\r\n", "the server does not speak TLS"),
        (b"", "the TLS handshake failed"),
        (None, "the TLS handshake was not answered in time"),
    ],
)
def test_a_server_without_tls_is_said_to_be_one(answer, reason):
    with answering(answer) as port, pytest.raises(UnreachableError, match=reason):
        examine(f"127.0.0.1:{port}", timeout_s=0.5)


def test_no_server_and_no_such_name_are_told_apart():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(UnreachableError, match="cannot connect: Connection refused"):
        examine(f"127.0.0.1:{port}")
    with pytest.raises(UnreachableError, match="the name cannot be resolved"):
        examine("no-such-host.invalid")
