"""Frames and packets against another implementation, with made-up data."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st
from websockets.frames import Frame, Opcode
from websockets.protocol import SERVER, State
from websockets.protocol import Protocol as Peer

from usocketio.packet import decode, encode, join_binary
from uwebsockets.protocol import Protocol, check_utf8, mask_block, mask_loop, mask_words

OPEN = 1
MESSAGES = st.lists(
    st.one_of(st.text(max_size=300), st.binary(max_size=700)), max_size=6
)
NAMES = st.text(st.characters(codec="ascii", exclude_characters=",? "), max_size=8)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**31), 2**31) | st.text(max_size=20) | st.binary(max_size=20),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.text(max_size=5).filter(lambda key: key != "_placeholder"), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip


@given(st.lists(st.binary(max_size=2000), max_size=5), st.integers(256, 3000))
def test_a_server_reads_what_we_send(payloads, buffer_size):
    sender = Protocol(buffer_size=buffer_size)
    sender.state = OPEN
    server = Peer(SERVER, state=State.OPEN)

    for data in payloads:
        offset = sender.frame(2, data)
        while True:
            server.receive_data(bytes(sender.tx[sender.tx_start : sender.tx_end]))
            if offset >= len(data):
                break
            offset += sender.block(data, offset)

    assert [bytes(frame.data) for frame in server.events_received()] == payloads


@given(MESSAGES, st.data())
def test_we_read_what_a_server_sends_however_it_is_cut(messages, data):
    wire = b""
    for message in messages:
        octets = message.encode() if isinstance(message, str) else message
        opcode = Opcode.TEXT if isinstance(message, str) else Opcode.BINARY
        parts = data.draw(st.integers(1, 3))
        step = -(-len(octets) // parts) or 1
        for start in range(0, max(len(octets), 1), step):
            is_last = start + step >= len(octets)
            part = octets[start : start + step]
            kind = opcode if start == 0 else Opcode.CONT
            wire += Frame(kind, part, is_last).serialize(mask=False)
    receiver = Protocol(buffer_size=256)
    receiver.state = OPEN
    received = []

    while True:
        message = receiver.parse()
        if message is not None:
            received.append(message)
            continue
        if not wire:
            break
        space = receiver.space()
        size = min(data.draw(st.integers(1, 400)), len(space), len(wire))
        space[:size] = wire[:size]
        wire = wire[size:]
        receiver.feed(size)

    assert received == messages
    assert receiver.state == OPEN


@given(st.binary(max_size=300), st.binary(min_size=4, max_size=4), st.integers(0, 9))
def test_every_mask_is_the_same(data, key, offset):
    results = []
    for mask in (mask_loop, mask_block, mask_words):
        target = bytearray(bytes(12) + key + bytes(len(data)))
        mask(target, 16, bytes(offset) + data, offset, len(data))
        results.append(bytes(target))

    assert results[0] == results[1] == results[2]
    assert results[0][16:] == bytes(byte ^ key[i % 4] for i, byte in enumerate(data))


@given(st.lists(st.binary(max_size=8), max_size=5))
def test_utf8_is_what_python_takes_for_it(parts):
    state = 0
    for part in parts:
        state = check_utf8(state, part) if state >= 0 else state

    try:
        b"".join(parts).decode()
        is_valid = True
    except UnicodeDecodeError as error:
        is_valid = None if error.reason == "unexpected end of data" else False
    assert (state == 0) == (is_valid is True)
    if is_valid is None:
        assert state > 0


@given(NAMES, st.none() | st.integers(0, 10**9), st.lists(VALUES, max_size=4))
def test_a_packet_comes_back_as_it_was(name, number, arguments):
    namespace = "/" + name
    head, body, found = encode(2, namespace, ["event", *arguments])
    text = head + ("" if number is None else str(number)) + body

    kind, where, ack, data, attachments = decode(text[1:])

    assert (kind, where, ack) == (5 if found else 2, namespace, number)
    assert attachments == len(found)
    assert join_binary(data, found) == ["event", *json_like(arguments)]


def json_like(value):
    """Return the value as JSON keeps it: tuples are lists."""
    if isinstance(value, (list, tuple)):
        return [json_like(item) for item in value]
    if isinstance(value, dict):
        return {key: json_like(item) for key, item in value.items()}
    return value if isinstance(value, bytes) else json.loads(json.dumps(value))
