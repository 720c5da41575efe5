"""Devices in the field: WebSocket and Socket.IO on one ASGI application.

A message passes the modules in this order:

    models      Device, Token, Reading, Worker
    tokens      tokens and their digests; without I/O
    limits      the codes of closing, sizes, and the bucket that stops a flood
    frames      what a device says, decoded; without I/O
    batches     readings on their way to PostgreSQL
    registry    who is connected to which worker, in PostgreSQL
    hub         the sessions of one worker, on its event loop
    pushing     push() and apush(), from everywhere
    sessions    what both protocols have in common
    consumers   WebSocket: devices, the echo, the dashboard
    sockets     Socket.IO
    application what routes them, and starts the hub
"""
