"""WebSocket and Socket.IO, on one ASGI application."""
