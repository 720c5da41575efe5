"""The configuration that flash.py writes, and the network that it names."""

import json
import time


def load() -> dict:
    """Return the configuration: ssid, password, uri, token."""
    with open("config.json") as stream:
        return json.load(stream)


def connect(config: dict, timeout: float = 20) -> None:
    """Join the network; on a computer, which has one already, do nothing.

    Raises:
        OSError: if the network does not take us in time.
    """
    try:
        import network
    except ImportError:
        return
    station = network.WLAN(network.STA_IF)
    station.active(True)
    if not station.isconnected():
        station.connect(config["ssid"], config["password"])
    for _ in range(int(timeout * 10)):
        if station.isconnected():
            return
        time.sleep(0.1)
    raise OSError("no WiFi: is the password of %r right?" % config["ssid"])
