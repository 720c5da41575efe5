"""Socket.IO packets as Engine.IO messages. Source: socket.io-protocol, revision 5."""

import json

from usocketio.exceptions import PacketError


def split_binary(value, found: list):
    """Return the value with placeholders for what is binary, which goes to `found`."""
    if isinstance(value, (bytes, bytearray, memoryview)):
        found.append(value)
        return {"_placeholder": True, "num": len(found) - 1}
    if isinstance(value, (list, tuple)):
        return [split_binary(item, found) for item in value]
    if isinstance(value, dict):
        return {key: split_binary(value[key], found) for key in value}
    return value


def join_binary(value, found: list):
    """Put the attachments back into their places."""
    if isinstance(value, list):
        return [join_binary(item, found) for item in value]
    if isinstance(value, dict):
        if value.get("_placeholder") is True:
            number = value.get("num")
            if not isinstance(number, int) or not 0 <= number < len(found):
                raise PacketError("no such attachment")
            return found[number]
        return {key: join_binary(value[key], found) for key in value}
    return value


def encode(kind: int, namespace: str, data) -> tuple[str, str, list]:
    """Return the text before and after the ack's number, and the attachments."""
    found: list = []
    body = ""
    if data is not None:
        body = json.dumps(split_binary(data, found))
    head = "4%d" % (kind + 3 if found else kind)
    if found:
        head += "%d-" % len(found)
    if namespace != "/":
        head += namespace + ","
    return head, body, found


def decode(text: str):
    """Return [kind, namespace, number or None, data, attachments] of a packet.

    Args:
        text: without the Engine.IO type.
    """
    try:
        kind = int(text[:1])
        at = 1
        attachments = 0
        if kind in (5, 6):
            end = text.index("-")
            attachments = int(text[1:end])
            at = end + 1
        namespace = "/"
        if text[at : at + 1] == "/":
            end = text.find(",", at)
            if end < 0:
                end = len(text)
            namespace = text[at:end].split("?")[0]
            at = end + 1
        end = at
        while "0" <= text[end : end + 1] <= "9":
            end += 1
        number = int(text[at:end]) if end > at else None
        text = text[end:]
        # MicroPython's json is content with a list that does not end.
        if text and kind != 4 and text[-1] not in "]}":
            raise ValueError
        data = json.loads(join_surrogates(text)) if text else None
    except ValueError:
        raise PacketError("malformed packet: " + text[:20])
    if not _is_valid(kind, number, data) or attachments < 0:
        raise PacketError("invalid packet: " + text[:20])
    return [kind, namespace, number, data, attachments]


def join_surrogates(text: str) -> str:
    """Replace the escapes that stand for one character together.

    MicroPython's json makes two invalid ones of them; python-socketio sends them.
    """
    at = text.find("\\u")
    while at >= 0:
        pair = text[at + 2 : at + 12].split("\\u")
        start = at
        while text[start - 1] == "\\":
            start -= 1
        # After an odd number of backslashes ours is escaped itself.
        if len(pair) == 2 and len(pair[0]) == 4 and not (at - start) & 1:
            high = int(pair[0], 16)
            low = int(pair[1], 16)
            if high >> 10 == 0x36 and low >> 10 == 0x37:
                code = 0x10000 + ((high & 1023) << 10) + (low & 1023)
                text = text[:at] + chr(code) + text[at + 12 :]
        at = text.find("\\u", at + 1)
    return text


def _is_valid(kind: int, number, data) -> bool:
    if kind == 0:
        return data is None or isinstance(data, dict)
    if kind == 1:
        return data is None
    if kind in (2, 5):
        return isinstance(data, list) and len(data) > 0 and data[0] not in RESERVED
    if kind in (3, 6):
        return isinstance(data, list) and number is not None
    return kind == 4


RESERVED = ("connect", "disconnect", "connect_error")


def engine_uri(uri: str, transport: str = "websocket", sid: str = "") -> str:
    """Return the address of the Engine.IO endpoint.

    A path in the URI is the endpoint's; without one it is /socket.io/.
    """
    if uri[:4] == "http":
        uri = "ws" + uri[4:]
    uri, *query = uri.split("#")[0].split("?", 1)
    if uri.rstrip("/").count("/") == 2:
        uri = uri.rstrip("/") + "/socket.io/"
    uri += "?EIO=4&transport=" + transport
    for part in query:
        uri += "&" + part
    return uri + "&sid=" + sid if sid else uri
