"""Sleeping until a file is replaced in a directory: polling would take the CPU from what is measured."""

import ctypes
import os
import select
import struct

IN_CLOSE_WRITE, IN_MOVED_TO = 0x8, 0x80
HEAD = struct.Struct("iIII")
libc = ctypes.CDLL(None, use_errno=True)


class Replaced:
    def __init__(self, path):
        self.name = os.path.basename(path)
        self.descriptor = libc.inotify_init1(os.O_CLOEXEC | os.O_NONBLOCK)
        if libc.inotify_add_watch(self.descriptor, os.path.dirname(path).encode(), IN_CLOSE_WRITE | IN_MOVED_TO) < 0:
            raise OSError(ctypes.get_errno(), f"inotify on {path}")

    def wait(self, seconds):
        """True when the file was written or moved into place, False when the time is up."""
        while select.select([self.descriptor], [], [], seconds)[0]:
            data = os.read(self.descriptor, 65536)
            while data:
                _, _, _, length = HEAD.unpack_from(data)
                if data[HEAD.size:HEAD.size + length].rstrip(b"\0").decode() == self.name:
                    return True
                data = data[HEAD.size + length:]
        return False

    def close(self):
        os.close(self.descriptor)
