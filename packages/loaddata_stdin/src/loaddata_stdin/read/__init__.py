"""From bytes to objects: compression, encoding, format, one object at a time."""
