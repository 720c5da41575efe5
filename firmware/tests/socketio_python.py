"""A python-socketio server on uvicorn: socketio_python.py PORT [polling]."""

from __future__ import annotations

import sys

import socketio
import uvicorn

transports = sys.argv[2:] or ["websocket", "polling"]
server = socketio.AsyncServer(
    async_mode="asgi",
    ping_interval=0.5,
    ping_timeout=0.5,
    transports=transports,
    namespaces="*",
)


def refuse(auth):
    if not auth or auth.get("token") != "good":
        raise socketio.exceptions.ConnectionRefusedError("who are you", {"code": 7})


for namespace in ("/", "/admin"):

    @server.on("connect", namespace=namespace)
    async def connect(sid, environ, auth, namespace=namespace):
        refuse(auth)
        await server.emit("welcome", namespace, to=sid, namespace=namespace)

    @server.on("echo", namespace=namespace)
    async def echo(sid, *arguments):
        return arguments

    @server.on("ask", namespace=namespace)
    async def ask(sid, namespace=namespace):
        async def answered(*arguments):
            await server.emit("answered", arguments, to=sid, namespace=namespace)

        await server.emit(
            "question",
            (1, b"\x01\x02", {"deep": [b"\x03"]}),
            to=sid,
            namespace=namespace,
            callback=answered,
        )

    @server.on("kick", namespace=namespace)
    async def kick(sid, namespace=namespace):
        await server.disconnect(sid, namespace=namespace)


@server.on("cut")
async def cut(sid):
    await server.eio.disconnect(server.manager.eio_sid_from_sid(sid, "/"))


uvicorn.run(
    socketio.ASGIApp(server),
    host="127.0.0.1",
    port=int(sys.argv[1]),
    log_level="warning",
)
