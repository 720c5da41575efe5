"""A Socket.IO v5 client (Engine.IO v4) for MicroPython and CPython.

exceptions  the errors
packet      packets to text and binary messages, and back
session     namespaces, acks, the offline queue, the heartbeat; without I/O or a clock
client      the blocking shell: connect(), @socketio.on(), emit(), run_forever()
aio         the asyncio shell: the same with await
polling     HTTP long-polling that upgrades; imported if it is asked for
"""
