"""A Socket.IO session without a network or a clock."""

import json

from run import raises

from usocketio.exceptions import ConnectError, PacketError
from usocketio.session import Session

OPEN = '0{"sid":"s","upgrades":[],"pingInterval":300,"pingTimeout":200,"maxPayload":9}'


def connected(**options):
    session = Session(**options)
    assert session.receive(OPEN, 0)
    session.outbox = []
    for namespace in session.namespaces:
        prefix = "" if namespace == "/" else namespace + ","
        session.receive('40%s{"sid":"x"}' % prefix, 0)
    session.inbox = []
    return session


def test_every_namespace_is_joined_with_its_auth():
    session = Session(("/", "/admin"), lambda namespace: {"for": namespace})
    session.receive(OPEN, 0)
    assert [message[:2] for message in session.outbox] == ["40", "40"]
    assert json.loads(session.outbox[0][2:]) == {"for": "/"}
    assert json.loads(session.outbox[1][9:]) == {"for": "/admin"}
    assert not session.is_ready()
    session.receive('40{"sid":"a"}', 0)
    assert not session.is_ready()
    session.receive('40/admin,{"sid":"b"}', 0)
    assert session.is_ready()
    assert session.sids == {"/": "a", "/admin": "b"}


def test_one_refused_namespace_does_not_spoil_the_others():
    session = Session(("/", "/admin"))
    session.receive(OPEN, 0)
    session.receive('44/admin,{"message":"no"}', 0)
    session.receive('40{"sid":"a"}', 0)
    assert session.is_ready()
    assert session.inbox[0] == ("/admin", "connect_error", ({"message": "no"},), None)


def test_all_refused():
    session = Session()
    session.receive(OPEN, 0)
    session.receive('44{"message":"no"}', 0)
    error = raises(ConnectError, session.is_ready)
    assert error.namespace == "/"
    assert error.data == {"message": "no"}


def test_events_before_the_answer_to_connect_wait_for_it():
    session = Session()
    session.receive(OPEN, 0)
    session.receive('42["early",1]', 0)
    assert session.inbox == []
    session.receive('40{"sid":"a"}', 0)
    assert [item[1] for item in session.inbox] == ["connect", "early"]


def test_events_with_any_number_of_arguments():
    session = connected()
    session.receive('42["none"]', 0)
    session.receive('4217["some",1,"zwei",null]', 0)
    assert session.inbox == [
        ("/", "none", [], None),
        ("/", "some", [1, "zwei", None], 17),
    ]


def test_acks_of_the_server():
    session = connected()
    results = []
    session.enqueue("ask", (1,), "/", results.append)
    (message,) = session.next_queued()
    assert message[:3] == "421"
    session.receive('431["yes"]', 0)
    namespace, event, arguments, callback = session.inbox.pop()
    assert (namespace, event, arguments) == ("/", None, ["yes"])
    callback(*arguments)
    assert results == ["yes"]
    session.receive('431["twice"]', 0)
    session.receive('4399["never asked"]', 0)
    assert session.inbox == []


def test_acks_of_ours():
    session = connected()
    for result, expected in (
        (None, "435[]"),
        (1, "435[1]"),
        ((), "435[]"),
        ((1, "b"), '435[1,"b"]'),
        ([1, 2], "435[[1,2]]"),
    ):
        session.outbox = []
        session.acknowledge("/", 5, result)
        assert session.outbox[0].replace(" ", "") == expected
    session.outbox = []
    session.acknowledge("/", 5, b"\x01")
    assert session.outbox[0][:5] == "461-5"
    assert session.outbox[1] == b"\x01"
    session.outbox = []
    session.acknowledge("/", None, "nobody asked")
    session.acknowledge("/gone", 5, "no longer there")
    assert session.outbox == []


def test_attachments_that_come_after_their_event():
    session = connected()
    session.receive(
        '452-["x",{"_placeholder":true,"num":1},{"_placeholder":true,"num":0}]', 0
    )
    session.receive(b"a", 0)
    assert session.inbox == []
    session.receive("2", 0)
    session.receive(b"b", 0)
    assert session.inbox == [("/", "x", [b"b", b"a"], None)]


def test_what_breaks_the_protocol():
    for messages in (
        (b"unexpected",),
        ('451-["x"]', '42["y"]'),
        ("9",),
        ("",),
        ("4",),
        ("4garbage",),
        ("0",),
        ("0{}",),
        ("0[1]",),
    ):
        session = connected()
        for message in messages[:-1]:
            session.receive(message, 0)
        raises(PacketError, session.receive, messages[-1], 0)


def test_the_heartbeat():
    session = connected()
    assert session.patience_ms(100) == 400
    session.receive("2probe", 300)
    assert session.outbox == ["3probe"]
    assert session.patience_ms(700) == 100
    assert session.patience_ms(800) == 0
    assert session.patience_ms(9000) == 0


def test_an_interval_of_zero_is_none():
    session = Session()
    session.receive(
        '0{"sid":"s","upgrades":[],"pingInterval":0,"pingTimeout":20000}', 0
    )
    assert session.patience_ms(99999999) is None


def test_the_queue_is_bounded_and_sent_once():
    session = Session(queue_size=3)
    for i in range(5):
        session.enqueue("n", (i,), "/", None)
    assert session.dropped == 2
    assert session.next_queued() is None
    session.receive(OPEN, 0)
    session.receive('40{"sid":"a"}', 0)
    sent = []
    while True:
        messages = session.next_queued()
        if messages is None:
            break
        sent += messages
    assert [json.loads(text[2:]) for text in sent] == [["n", 2], ["n", 3], ["n", 4]]
    session.lose("transport")
    session.receive('40{"sid":"b"}', 0)
    assert session.next_queued() is None


def test_a_queue_waits_for_its_own_namespace():
    session = Session(("/", "/admin"))
    session.enqueue("first", (), "/admin", None)
    session.enqueue("second", (), "/", None)
    session.receive(OPEN, 0)
    session.receive('40{"sid":"a"}', 0)
    assert session.next_queued() == ['42["second"]']
    assert session.next_queued() is None
    session.receive('40/admin,{"sid":"a"}', 0)
    assert session.next_queued() == ['42/admin,["first"]']


def test_an_event_is_what_it_was_when_it_was_emitted():
    session = connected()
    value = {"a": [1]}
    session.enqueue("x", (value,), "/", None)
    value["a"].append(2)
    assert json.loads(session.next_queued()[0][2:]) == ["x", {"a": [1]}]


def test_an_event_can_be_withdrawn():
    session = connected()

    def callback():
        pass

    session.enqueue("x", (), "/", callback)
    assert session.is_waiting(callback)
    session.withdraw(callback)
    assert not session.is_waiting(callback)
    assert session.next_queued() is None
    session.enqueue("y", (), "/", callback)
    session.next_queued()
    assert session.is_waiting(callback)
    session.withdraw(callback)
    session.receive("432[]", 0)
    assert session.inbox == []


def test_what_cannot_be_emitted():
    session = connected()
    raises(ValueError, session.enqueue, "connect", (), "/", None)
    raises(ValueError, session.enqueue, "x", (), "/elsewhere", None)


def test_a_lost_connection_forgets_its_acks():
    session = connected()
    session.enqueue("x", (), "/", lambda: None)
    session.next_queued()
    session.lose("transport")
    assert session.inbox == [("/", "disconnect", ("transport",), None)]
    session.inbox = []
    session.receive("431[]", 0)
    assert session.inbox == []


def test_sent_away_by_the_server():
    session = connected(namespaces=("/", "/admin"))
    session.receive("41/admin,", 0)
    assert not session.is_dismissed
    session.receive("41", 0)
    assert session.is_dismissed
    assert session.receive("1", 0) is False


def test_the_delay_doubles_up_to_its_cap_with_jitter():
    session = Session(delay_min=1, delay_max=5)
    assert [session.next_delay_ms(0) for _ in range(5)] == [500, 1000, 2000, 2500, 2500]
    assert session.next_delay_ms(255) == 4990
    session.receive(OPEN, 0)
    session.receive('40{"sid":"a"}', 0)
    assert session.next_delay_ms(128) == 750


def test_several_handlers_of_an_event():
    session = Session()

    @session.on("x")
    def first(*arguments):
        pass

    @session.on("x")
    def second(*arguments):
        pass

    assert session.handlers("/", "x") == [first, second]
    assert session.handlers("/", "y") == []
