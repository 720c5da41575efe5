"""Devices in the field: WebSocket and Socket.IO on one ASGI application.

A message passes the rooms in this order; imports point upwards in this list:

    wire        tokens and their digests, limits and codes of closing, frames: no I/O
    models      Device, Token, Reading, Worker
    workers     batches of readings, the registry of who is connected, the hub of one
                worker, and push() and apush() from everywhere
    endpoints   sessions of both protocols, WebSocket consumers, Socket.IO, the ASGI
                application that routes them and starts the hub

`simulation` holds what a device runs in the demo, `simulated` starts it.
"""
