"""Device programs: MicroPython and CPython run them, on a board as on a computer."""
