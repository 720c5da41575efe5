"""Real TLS and HTTP servers on loopback, in threads."""

from __future__ import annotations

import contextlib
import json
import ssl
import tempfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


class Handler(BaseHTTPRequestHandler):
    """Answers every GET with the same JSON."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # header and body in one write

    def do_GET(self):
        body = json.dumps(self.server.answer).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


class TLSServer(ThreadingHTTPServer):
    """Shakes hands in the thread of the connection, so that no client can block it."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, context, answer, handler=Handler):
        self.context = context
        self.answer = answer
        super().__init__(("127.0.0.1", 0), handler)

    def finish_request(self, request, client_address):
        request.settimeout(10)
        try:
            tls = self.context.wrap_socket(request, server_side=True)
        except OSError:
            return  # the client refused the chain, which is what tests are about
        with tls, contextlib.suppress(OSError):
            self.RequestHandlerClass(tls, client_address, self)

    def handle_error(self, request, client_address):
        pass


@contextlib.contextmanager
def running(server):
    """Run a server in a thread; give its port."""
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)


def server_context(chain, ciphers=None):
    """Return the context of a server that sends `chain`, its own identity first."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    if ciphers:
        context.set_ciphers(ciphers)
    with tempfile.TemporaryDirectory() as folder:
        certificates = Path(folder, "chain.pem")
        certificates.write_text("".join(item.pem for item in chain))
        key = Path(folder, "key.pem")
        key.write_text(chain[0].key_pem)
        context.load_cert_chain(certificates, key)
    return context


def serving(*chain, ciphers=None, answer=None):
    """Run a TLS server that sends `chain`; give its port."""
    context = server_context(chain, ciphers)
    return running(TLSServer(context, answer or {"jobs": []}))
