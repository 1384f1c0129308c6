# SPDX-License-Identifier: MIT
"""
Debian's own mail servers without installing them, as they would replace the
host's: unpacked into a tree that has what they need of the host, to be run by
chroot(8). A tree is kept in the build folder and copied for each story.
"""

import fcntl
import os
import pathlib
import re
import shutil
import subprocess
import tempfile

from rig import BUILD
from stack.trouble import Trouble

APT = ["apt-get", "-qq", "-o", "Debug::NoLocking=true"]
USERS = ("postfix", "opensmtpd", "opensmtpq", "reader")  # ids from FIRST_ID
GROUPS = USERS + ("postdrop",)
FIRST_ID = 64001
FILES = {
    "etc/nsswitch.conf": "passwd: files\ngroup: files\nhosts: files\n",
    "etc/hosts": "127.0.0.1 localhost\n",
    "etc/resolv.conf": "",
    "etc/passwd": "root:x:0:0::/:/bin/sh\nnobody:x:65534:65534::/:/bin/sh\n"
    + "".join(f"{name}:x:{FIRST_ID + i}:{FIRST_ID + i}::/home/{name}:/bin/sh\n"
              for i, name in enumerate(USERS)),
    "etc/group": "root:x:0:\nnogroup:x:65534:\n"
    + "".join(f"{name}:x:{FIRST_ID + i}:\n" for i, name in enumerate(GROUPS)),
    # Plain files do: nothing is lost by what is written to them.
    "dev/null": "",
}


def user_id(name):
    return FIRST_ID + GROUPS.index(name)


def codename():
    text = pathlib.Path("/etc/os-release").read_text()
    return re.search(r"^VERSION_CODENAME=(\w+)", text, re.M).group(1)


def run(*words, **how):
    done = subprocess.run([str(word) for word in words], capture_output=True,
                          text=True, **how)
    if done.returncode:
        raise Trouble(f"{' '.join(map(str, words))}: {done.stderr[-2000:]}")
    return done.stdout


def download(packages, folder):
    """Them and what they need and the host has not."""
    plan = run(*APT, "--simulate", "--reinstall", "--no-install-recommends",
               "install", *packages)
    names = re.findall(r"^Inst (\S+)", plan, re.M)
    run("apt-get", "-q", "download", *names, cwd=folder)
    for file in folder.glob("*.deb"):
        run("dpkg-deb", "-x", file, folder / "tree")
        file.unlink()


def merge_usr(tree):
    """bin, lib and the like are links into usr, as on the host."""
    for name in ("bin", "sbin", "lib", "lib64"):
        old, new = tree / name, tree / "usr" / name
        new.mkdir(parents=True, exist_ok=True)
        if old.is_dir() and not old.is_symlink():
            shutil.copytree(old, new, symlinks=True, dirs_exist_ok=True)
            shutil.rmtree(old)
        old.symlink_to(f"usr/{name}")


def programs(tree):
    for path in (tree / "usr").rglob("*"):
        if path.is_file() and not path.is_symlink():
            with open(path, "rb") as file:
                if file.read(4) == b"\x7fELF":
                    yield path


def add_libraries(tree):
    """What the tree's programs need, and a shell, out of the host."""
    own = sorted({str(path.parent) for path in (tree / "usr").rglob("*.so*")})
    env = {"LD_LIBRARY_PATH": ":".join(own), "PATH": os.environ["PATH"]}
    wanted = {"/bin/sh"}
    for program in [*programs(tree), "/bin/sh"]:
        told = subprocess.run(["ldd", str(program)], env=env, text=True,
                              capture_output=True).stdout
        missing = re.findall(r"(\S+) => not found", told)
        if missing:
            raise Trouble(f"{program} needs {missing}.")
        wanted |= set(re.findall(r"(?:=> |^\s+)(/\S+) \(0x", told, re.M))
    for path in wanted:
        if not path.startswith(str(tree)):
            copy = tree / path.lstrip("/")
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, copy)


def make(packages, tree):
    merge_usr(tree)
    add_libraries(tree)
    for name, text in FILES.items():
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        (tree / name).write_text(text)
    for name in ("tmp", "run", "var/spool", "var/log", "var/lib", "home"):
        (tree / name).mkdir(parents=True, exist_ok=True)
    if not (tree / "var/run").exists():
        (tree / "var/run").symlink_to("/run")


def kept(*packages):
    """The folder of these packages' tree, made the first time."""
    cache = BUILD.resolve().parent / f"debian-{codename()}"
    cache.mkdir(parents=True, exist_ok=True)
    final = cache / "+".join(packages)
    with open(cache / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not final.exists():
            with tempfile.TemporaryDirectory(dir=cache) as folder:
                folder = pathlib.Path(folder)
                (folder / "tree").mkdir()
                download(packages, folder)
                make(packages, folder / "tree")
                (folder / "tree").rename(final)
    return final


class Tree:
    """A copy to run in; `path` is its root, which other users can enter."""

    def __init__(self, *packages):
        tree = kept(*packages)
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="postrider-tree-"))
        self.path = self.folder / "root"
        shutil.copytree(tree, self.path, symlinks=True)
        for folder in (self.folder, self.path):
            folder.chmod(0o755)

    def write(self, name, text, mode=0o644):
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(mode)

    def folder_of(self, user, name, mode=0o755):
        path = self.path / name
        path.mkdir(parents=True, exist_ok=True)
        path.chmod(mode)
        os.chown(path, user_id(user), user_id(user))
        return path

    def remove(self):
        shutil.rmtree(self.folder)
