"""TLS on MicroPython's C module `tls`, imported by the first wss:// connection.

The ESP8266's axTLS cannot verify certificates; there `ssl=False` is the only choice.
"""

import tls


def wrap(stream, ssl, host: str):
    """Return the stream with TLS on it; the handshake happens at the first write.

    Args:
        stream: a socket that does not block.
        ssl: DER data of the certificate authority, a context, or False to verify
            nothing.
        host: the name that the certificate must bear.
    """
    if not hasattr(ssl, "wrap_socket"):
        if ssl is True:
            raise ValueError("wss needs ssl=CA (DER), a context or False")
        authority = ssl
        ssl = tls.SSLContext(tls.PROTOCOL_TLS_CLIENT)
        try:
            if authority:
                ssl.load_verify_locations(authority)
            else:
                ssl.verify_mode = tls.CERT_NONE
        except AttributeError:  # axTLS: it always connects unverified.
            if authority:
                raise ValueError("this port verifies nothing")
    return ssl.wrap_socket(stream, server_hostname=host, do_handshake_on_connect=False)
