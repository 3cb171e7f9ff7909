"""Watching a file that is replaced: every version that a reader could have seen."""

import os
import threading
import time


class FileHistory:
    """Reads the file again whenever its identity changes, every two milliseconds at most."""

    def __init__(self, path, every=0.002):
        self.path, self.every = path, every
        self.versions = []  # (monotonic seconds, text), None = absent
        self.stop_wanted = threading.Event()
        self.thread = threading.Thread(target=self._loop, daemon=True)

    def start(self):
        self.thread.start()
        return self

    def stop(self):
        self.stop_wanted.set()
        self.thread.join(5)
        return self.versions

    def _loop(self):
        last = ()
        while not self.stop_wanted.is_set():
            try:
                stat = os.stat(self.path)
                identity = (stat.st_ino, stat.st_mtime_ns, stat.st_size)
            except FileNotFoundError:
                identity = None
            if identity != last:
                last = identity
                text = None
                if identity is not None:
                    try:
                        with open(self.path, encoding="utf-8") as file:
                            text = file.read()
                    except FileNotFoundError:
                        pass
                self.versions.append((time.monotonic(), text))
            time.sleep(self.every)

    def texts(self):
        return [text for _, text in self.versions]
