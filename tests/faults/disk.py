# SPDX-License-Identifier: MIT
"""A small disk: a tmpfs in a mount namespace of our own, which ends with us."""

import contextlib
import ctypes
import os
import pathlib
import subprocess

CLONE_NEWNS = 0x20000  # unshare(2)


def refused():
    """Why none can be had, or None."""
    if os.geteuid() != 0:
        return "only root can mount a tmpfs"
    tried = subprocess.run(["unshare", "--mount", "mount", "-t", "tmpfs",
                            "none", "/mnt"], capture_output=True, text=True,
                           check=False)
    return tried.stderr.strip() or None if tried.returncode else None


class Disk:
    def __init__(self, folder, size):
        """Seen by this thread and by what it starts from now on."""
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True)
        if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNS) != 0:
            raise OSError(ctypes.get_errno(), "unshare")
        for words in (["--make-rprivate", "/"],
                      ["-t", "tmpfs", "-o", f"size={size}", "none", folder]):
            subprocess.run(["mount", *map(str, words)], check=True)

    @contextlib.contextmanager
    def full(self):
        """To its last byte."""
        ballast = self.folder / "ballast"
        try:
            with open(ballast, "wb", buffering=0) as file, \
                    contextlib.suppress(OSError):
                while file.write(bytes(4096)):
                    pass
            yield
        finally:
            ballast.unlink()

    def remove(self):
        subprocess.run(["umount", str(self.folder)], check=True)
        self.folder.rmdir()
