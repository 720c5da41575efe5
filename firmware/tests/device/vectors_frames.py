"""Frames in and out, without a network."""

from run import raises

from uwebsockets.exceptions import ConnectionClosed, ProtocolError
from uwebsockets.protocol import Protocol, fragments

OPEN = 1
FAILED = 4


def entropy(size):
    return bytes(range(1, size + 1))


def protocol(**options):
    made = Protocol(entropy=entropy, **options)
    made.state = OPEN
    return made


def frame(first, payload=b"", size=None):
    size = len(payload) if size is None else size
    if size < 126:
        head = bytes((first, size))
    elif size < 65536:
        head = bytes((first, 126)) + size.to_bytes(2, "big")
    else:
        head = bytes((first, 127)) + size.to_bytes(8, "big")
    return head + payload


def feed(receiver, data, step=None):
    """Feed the bytes and return the messages; replies are taken as sent."""
    messages = []
    while True:
        message = receiver.parse()
        if message is not None:
            messages.append(bytes(message) if receiver.is_streaming else message)
        elif receiver.reply:
            messages.append((receiver.reply, receiver.reply_data))
            receiver.reply = 0
        elif data and receiver.state < 3:
            space = receiver.space()
            size = min(len(space), len(data), step or len(data))
            space[:size] = data[:size]
            data = data[size:]
            receiver.feed(size)
        else:
            return messages


def unmasked(data):
    """Return (first byte, payload) of a masked frame."""
    size = data[1] & 127
    start = 2
    assert data[1] & 128
    if size == 126:
        size = int.from_bytes(data[2:4], "big")
        start = 4
    elif size == 127:
        size = int.from_bytes(data[2:10], "big")
        start = 10
    key = data[start : start + 4]
    payload = data[start + 4 :]
    assert len(payload) == size
    return data[0], bytes([byte ^ key[i & 3] for i, byte in enumerate(payload)])


def sent(sender, opcode, data, is_last=True):
    offset = sender.frame(opcode, data, is_last)
    wire = bytes(sender.tx[sender.tx_start : sender.tx_end])
    writes = 1
    while offset < len(data):
        offset += sender.block(data, offset)
        wire += bytes(sender.tx[sender.tx_start : sender.tx_end])
        writes += 1
    return wire, writes


def test_messages_of_every_length_form():
    for size in (0, 1, 125, 126, 255, 256, 257, 1000, 65535, 65536, 70000):
        data = bytes([i & 255 for i in range(size)])
        receiver = protocol(buffer_size=256)
        assert feed(receiver, frame(0x82, data)) == [data], size
    assert feed(protocol(), frame(0x81, "né€😀".encode())) == ["né€😀"]


def test_messages_that_dribble_in():
    wire = frame(0x81, b"one") + frame(0x82, bytes(300)) + frame(0x89, b"?")
    wire += frame(0x01, b"h\xc3") + frame(0x89, b"!") + frame(0x80, b"\xa9")
    for step in (1, 2, 3, 7, 100):
        receiver = protocol(buffer_size=256)
        assert feed(receiver, wire, step) == [
            "one",
            bytes(300),
            (10, b"?"),
            (10, b"!"),
            "hé",
        ]


def test_fragments_of_a_binary():
    wire = frame(0x02, b"ab") + frame(0x00) + frame(0x00, b"c" * 500) + frame(0x80)
    assert feed(protocol(buffer_size=256), wire) == [b"ab" + b"c" * 500]
    assert feed(protocol(), frame(0x01) + frame(0x80) + frame(0x81, b"x")) == ["", "x"]


def test_violations_are_failed_with_their_code():
    cases = (
        (1002, frame(0xC1, b"x")),  # RSV1
        (1002, frame(0xA1, b"x")),
        (1002, frame(0x91, b"x")),
        (1002, b"\x81\x81abcdx"),  # masked
        (1002, frame(0x83, b"x")),
        (1002, frame(0x87, b"")),
        (1002, frame(0x8B, b"")),
        (1002, frame(0x8F, b"")),
        (1002, frame(0x09, b"x")),  # a fragmented ping
        (1002, frame(0x89, b"x" * 126)),
        (1002, frame(0x80, b"x")),  # a continuation of nothing
        (1002, frame(0x01, b"x") + frame(0x81, b"y")),
        (1002, frame(0x88, b"x")),
        (1002, frame(0x88, b"\x03\xed")),  # 1005
        (1002, frame(0x88, b"\x00\x00")),
        (1002, frame(0x88, b"\x07\xd0")),  # 2000
        (1007, frame(0x88, b"\x03\xe8\xff")),
        (1007, frame(0x81, b"\xc0\xaf")),
        (1007, frame(0x81, b"\xc3")),
        (1007, frame(0x01, b"\xff")),
        (1009, frame(0x82, b"", 1 << 40)),
        (1009, frame(0x82, b"", (1 << 63) + 5)),
        (1009, frame(0x02, bytes(900)) + frame(0x80, bytes(200))),
    )
    for code, wire in cases:
        receiver = protocol(max_size=1000)
        replies = feed(receiver, wire)
        assert receiver.state == FAILED, wire[:4]
        assert receiver.close_code == code, (wire[:4], receiver.close_code)
        assert replies[-1][0] == 8
        assert replies[-1][1][:2] == code.to_bytes(2, "big")
        assert isinstance(receiver.closed_error(), ProtocolError)


def test_invalid_text_fails_before_the_rest_of_it_has_come():
    receiver = protocol()
    feed(receiver, frame(0x81, b"abc\xc0", 1000))
    assert receiver.close_code == 1007


def test_a_frame_that_no_memory_can_hold_is_refused():
    receiver = protocol(max_size=None)
    feed(receiver, frame(0x82, b"", 1 << 40))
    assert receiver.close_code == 1009


def test_a_close_is_echoed_with_its_code():
    receiver = protocol()
    wire = frame(0x88, b"\x0f\xa0bye") + frame(0x81, b"too late")
    assert feed(receiver, wire) == [(8, b"\x0f\xa0")]
    error = receiver.closed_error()
    assert (error.code, error.reason) == (4000, "bye")
    assert not isinstance(error, ProtocolError)


def test_a_close_without_a_code():
    receiver = protocol()
    assert feed(receiver, frame(0x88)) == [(8, b"")]
    assert receiver.close_code == 1005


def test_the_end_of_the_stream_without_a_close():
    receiver = protocol()
    receiver.feed(0)
    assert receiver.parse() is None
    assert isinstance(receiver.closed_error(), ConnectionClosed)
    assert receiver.close_code == 1006


def test_streaming_a_message_that_is_larger_than_every_buffer():
    receiver = protocol(buffer_size=256, max_size=1000)
    receiver.is_streaming = True
    data = bytes([i & 255 for i in range(5000)])
    chunks = feed(receiver, frame(0x02, data[:4000]) + frame(0x80, data[4000:]))
    assert b"".join(chunks) == data
    assert max([len(chunk) for chunk in chunks]) <= 256
    assert receiver.opcode == 0


def test_streamed_text_is_checked_too():
    receiver = protocol(buffer_size=256)
    receiver.is_streaming = True
    feed(receiver, frame(0x81, b"a" * 300 + b"\xff"))
    assert receiver.close_code == 1007


def test_sent_frames():
    for size in (0, 1, 125, 126, 240, 256, 257, 1000, 65535, 65536, 70001):
        data = bytes([(3 * i) & 255 for i in range(size)])
        sender = protocol(buffer_size=256)
        wire, writes = sent(sender, 2, data)
        assert unmasked(wire) == (0x82, data), size
        assert writes == max(1, (size + 255) // 256), size


def test_a_frame_of_every_kind_of_buffer():
    for data in (b"abc", bytearray(b"abc"), memoryview(b"abc")):
        assert unmasked(sent(protocol(), 2, data)[0]) == (0x82, b"abc")


def test_no_mask_is_used_twice():
    sender = protocol()
    counter = [0]

    def draw(size):
        counter[0] += 1
        return bytes([counter[0] * 16 + (i & 15) for i in range(size)])

    sender._entropy = draw
    masks = [sent(sender, 1, b"")[0][2:6] for _ in range(40)]
    assert counter[0] == 3
    assert masks[0] != masks[1] != masks[16]


def test_fragments_of_a_sent_message():
    assert list(fragments(iter(("a", "b", "c")))) == [
        (1, b"a", False),
        (0, b"b", False),
        (0, b"c", True),
    ]
    assert list(fragments((b"a",))) == [(2, b"a", True)]
    assert list(fragments(())) == []


def test_keepalive_pings_and_gives_up():
    receiver = protocol(ping_interval=20, ping_timeout=5)
    assert receiver.keepalive(1000) == 20000
    assert receiver.keepalive(11000) == 10000
    assert receiver.keepalive(21000) == 0
    assert receiver.reply == 9
    receiver.reply = 0
    assert receiver.keepalive(21000) == 5000
    assert feed(receiver, frame(0x8A)) == []
    assert receiver.keepalive(22000) == 20000
    assert receiver.keepalive(42000) == 0
    receiver.reply = 0
    assert receiver.keepalive(47000) == 0
    assert receiver.state == FAILED
    assert receiver.close_code == 1006


def test_a_line_longer_than_the_buffer_comes_in_pieces():
    receiver = protocol(buffer_size=256)
    receiver.state = 0
    space = receiver.space()
    space[:] = b"x" * 256
    receiver.feed(256)
    assert receiver.read_line() == b"x" * 256
    space = receiver.space()
    space[:4] = b"y\r\nz"
    receiver.feed(4)
    assert receiver.read_line() == b"y"
    assert receiver.read_line() is None


def test_a_closed_error_is_one():
    raises(ConnectionClosed, _raise, protocol().closed_error())


def _raise(error):
    raise error
