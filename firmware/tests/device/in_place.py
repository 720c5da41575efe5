"""Mount a ROMFS image outside the heap, as flash is on a device."""

import sys


def mount(path):
    """Mount the image and import from it first; free what the mounting took."""
    import os

    import ffi
    import uctypes
    import vfs

    size = os.stat(path)[6]
    address = ffi.open("libc.so.6").func("p", "malloc", "I")(size + 16)
    memory = uctypes.bytearray_at((address + 15) & ~15, size)
    with open(path, "rb") as image:
        image.readinto(memory)
    vfs.mount(vfs.VfsRom(memory), "/rom")
    sys.path.insert(0, "/rom")
