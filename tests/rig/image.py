"""Images out of one static executable: nothing is pulled."""

import io
import os
import tarfile
import urllib.parse

from rig import http


def layer(executable):
    """The tar of an image's only layer: the executable as /app, and the folders that programs expect."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        entry = tar.gettarinfo(executable, "app")
        entry.mode, entry.uid, entry.gid = 0o755, 0, 0
        with open(executable, "rb") as file:
            tar.addfile(entry, file)
        for folder in ("tmp", "etc"):
            entry = tarfile.TarInfo(folder)
            entry.type, entry.mode = tarfile.DIRTYPE, 0o1777
            tar.addfile(entry)
    return out.getvalue()


def make(docker, executable, tag="nano", changes=('CMD ["/app"]', "EXPOSE 5000"), version="latest"):
    """Imports an image with the executable as /app; `changes` are Dockerfile lines (CMD EXPOSE ENV LABEL ..)."""
    query = [("fromSrc", "-"), ("repo", tag), ("tag", version)] + [("changes", line) for line in changes]
    answer = http.request("POST", docker.where, "/images/create?" + urllib.parse.urlencode(query),
                          layer(executable), {"Content-Type": "application/x-tar"}, timeout=60)
    if answer.status != 200 or '"error"' in answer.text:
        raise AssertionError(f"importing {os.path.basename(executable)} as {tag}: {answer}")
    return tag
