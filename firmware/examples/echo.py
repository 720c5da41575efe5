"""Send a message to an echo server and print what comes back."""

import wifi

from uwebsockets.client import connect


def main(config: dict) -> None:
    """Say hello once a second, three times."""
    wifi.connect(config)
    with connect(config["uri"], token=config["token"]) as socket:
        socket.settimeout(10)
        for number in range(3):
            socket.send("hello %d" % number)
            print(socket.recv())


if __name__ == "__main__":
    main(wifi.load())
