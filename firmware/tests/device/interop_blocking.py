"""The blocking Socket.IO client against a real server; URI is set by the test."""

from run import raises

from usocketio.client import connect
from usocketio.exceptions import ConnectError

URI = ""
OPTIONS = {"polling": False}
AUTH = {"token": "good"}
BOTH = ("/", "/admin")


def open_(**options):
    options.setdefault("auth", AUTH)
    # Quick to come back.
    session = {"delay_min": 0.1, "delay_max": 0.2}
    return connect(URI, session=session, **OPTIONS, **options)


def test_acks_with_any_number_of_arguments():
    with open_() as socketio:
        assert socketio.call("echo") is None
        assert socketio.call("echo", "one") == "one"
        assert socketio.call("echo", 1, "é😀", None, [True], {"a": 1.5}) == (
            1,
            "é😀",
            None,
            [True],
            {"a": 1.5},
        )


def test_binary_both_ways():
    with open_() as socketio:
        deep = {"deep": [b"\x01", {"deeper": b"\x00" * 300}]}
        assert socketio.call("echo", b"\xff\xfe", deep) == (b"\xff\xfe", deep)


def test_acks_of_ours():
    with open_() as socketio:
        seen = []

        @socketio.on("question")
        def question(socketio, *arguments):
            seen.append(arguments)
            return "answer", b"\x04"

        @socketio.on("answered")
        def answered(socketio, *arguments):
            seen.append(arguments)

        socketio.emit("ask")
        for _ in range(200):
            socketio.run_for(0.02)
            if len(seen) == 2:
                break
        assert seen == [(1, b"\x01\x02", {"deep": [b"\x03"]}), ("answer", b"\x04")]


def test_namespaces_and_events_sent_at_once():
    with open_(namespaces=BOTH) as socketio:
        seen = []
        for namespace in BOTH:
            for event in ("connect", "welcome"):

                def handler(socketio, *arguments, name=(namespace, event)):
                    seen.append((name, arguments))

                socketio.on(event, namespace=namespace)(handler)
        for _ in range(200):
            socketio.run_for(0.02)
            if len(seen) == 4:
                break
        for namespace in BOTH:
            assert ((namespace, "connect"), ()) in seen
            assert ((namespace, "welcome"), (namespace,)) in seen
            assert socketio.call("echo", namespace, namespace=namespace) == namespace


def test_a_refused_token():
    for auth in ({"token": "bad"}, None):
        error = raises(ConnectError, lambda auth=auth: open_(auth=auth))
        assert error.namespace == "/"
        assert "who are you" in str(error.data)


def test_the_heartbeat_keeps_a_quiet_connection():
    with open_() as socketio:
        lost = []
        socketio.on("disconnect")(lambda *arguments: lost.append(arguments))
        socketio.run_for(1.4)
        assert not lost
        assert socketio.call("echo", 1) == 1


def test_it_comes_back_after_the_server_cut_the_connection():
    with open_() as socketio:
        seen = []
        socketio.on("connect")(lambda socketio: seen.append("connect"))
        socketio.on("disconnect")(lambda socketio, reason: seen.append(reason))
        socketio.emit("cut")
        for _ in range(200):
            socketio.run_for(0.05)
            if seen[-1:] == ["connect"] and len(seen) > 2:
                break
        assert seen == ["connect", "transport", "connect"], seen
        assert socketio.call("echo", "back") == "back"


def test_sent_away_by_the_server_it_does_not_come_back():
    with open_() as socketio:
        reasons = []
        socketio.on("disconnect")(lambda socketio, reason: reasons.append(reason))
        socketio.emit("kick")
        socketio.run_forever()
        assert reasons == ["server"]
        assert socketio.closed
