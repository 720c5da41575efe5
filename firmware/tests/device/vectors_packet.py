"""Socket.IO packets: the examples of the specification, and what is malformed."""

import json

from run import raises

from usocketio.exceptions import PacketError
from usocketio.packet import decode, encode, engine_uri, join_binary

# kind, namespace, number, data -> the packet, from the specification's examples.
EXAMPLES = (
    (0, "/", None, None, "0"),
    (0, "/", None, {"token": "123"}, '0{"token":"123"}'),
    (
        0,
        "/admin",
        None,
        {"sid": "oSO0OpakMV_3jnilAAAA"},
        '0/admin,{"sid":"oSO0OpakMV_3jnilAAAA"}',
    ),
    (1, "/admin", None, None, "1/admin,"),
    (2, "/", None, ["foo"], '2["foo"]'),
    (2, "/admin", None, ["bar"], '2/admin,["bar"]'),
    (2, "/", 12, ["foo"], '212["foo"]'),
    (3, "/admin", 13, ["bar"], '3/admin,13["bar"]'),
    (4, "/", None, {"message": "Not authorized"}, '4{"message":"Not authorized"}'),
)
MALFORMED = (
    "",
    "x",
    "7",
    "abc",
    "2",
    "2{}",
    "2[]",
    "2/admin",
    '2["foo"',
    '2["connect"]',
    "3[1]",
    "31{}",
    "0[]",
    "0/admin,[1]",
    '1["x"]',
    "5-[1]",
    "5x-[1]",
    '5["x"]',
)


def test_the_examples_of_the_specification():
    for kind, namespace, number, data, text in EXAMPLES:
        assert decode(text) == [kind, namespace, number, data, 0], text
        if kind < 4:
            head, body, found = encode(kind, namespace, data)
            made = head + ("" if number is None else str(number)) + body
            assert decode(made[1:]) == decode(text), made
            assert not found


def test_what_is_malformed():
    for text in MALFORMED:
        raises(PacketError, decode, text)


def test_a_namespace_with_a_query_or_without_data():
    assert decode("0/admin?token=1,{}")[1] == "/admin"
    assert decode("0/admin")[1] == "/admin"


def test_binary_goes_beside_the_text():
    head, body, found = encode(2, "/", ("baz", b"\x01\x02", {"a": [b"\x03"]}))
    assert head == "452-"
    assert json.loads(body) == [
        "baz",
        {"_placeholder": True, "num": 0},
        {"a": [{"_placeholder": True, "num": 1}]},
    ]
    assert found == [b"\x01\x02", b"\x03"]
    assert encode(3, "/x", (b"1",))[0] == "461-/x,"
    packet = decode((head + body)[1:])
    assert packet[4] == 2
    assert join_binary(packet[3], found) == ["baz", b"\x01\x02", {"a": [b"\x03"]}]


def test_escaped_characters_beyond_the_basic_plane():
    for text, expected in (
        ('2["\\ud83d\\ude00"]', "😀"),
        ('2["a\\ud83d\\ude00\\uD83D\\uDE00b\\u00e9"]', "a😀😀bé"),
        ('2["\\\\ud83d\\\\ude00"]', "\\ud83d\\ude00"),
        ('2["\\\\\\ud83d\\ude00"]', "\\😀"),
        ('2["\\u00e9\\u00e9"]', "éé"),
    ):
        assert decode(text)[3] == [expected], text
    raises(PacketError, decode, '2["\\ud83d\\uzzzz"]')


def test_an_attachment_that_is_not_there():
    for number in (1, -1, "0", None):
        value = [{"_placeholder": True, "num": number}]
        raises(PacketError, join_binary, value, [b""])


def test_the_endpoint():
    for uri, expected in (
        ("http://host", "ws://host/socket.io/?EIO=4&transport=websocket"),
        ("http://host:5000/", "ws://host:5000/socket.io/?EIO=4&transport=websocket"),
        ("https://host/x/", "wss://host/x/?EIO=4&transport=websocket"),
        ("ws://host/?a=b", "ws://host/socket.io/?EIO=4&transport=websocket&a=b"),
    ):
        assert engine_uri(uri) == expected, engine_uri(uri)
    assert engine_uri("http://h", "polling", "7").endswith("transport=polling&sid=7")
