# SPDX-License-Identifier: MIT
"""
Debian 12 and 13 in folders, made once and kept: `base`, and what is made of it.
One is entered by systemd-nspawn, which needs no host that systemd runs.
"""

import os
import pathlib
import re
import shutil
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
FOLDER = pathlib.Path(os.environ.get("POSTRIDER_TREES")
                      or ROOT / "build/install").resolve()
RELEASES = ("bookworm", "trixie")
MIRROR = "http://deb.debian.org"
SOURCES = """\
deb {mirror}/debian {release} main
deb {mirror}/debian {release}-updates main
deb {mirror}/debian-security {release}-security main
"""
NSPAWN = ("systemd-nspawn", "--quiet", "--register=no", "--keep-unit")
ENV = ("env", "DEBIAN_FRONTEND=noninteractive", "LC_ALL=C.UTF-8")
# apt.sh is theirs too: no service starts while packages are unpacked.
INSTALL = ("/postrider/deploy/apt.sh",)
HOST = """systemd-sysv dbus libnss-myhostname iproute2 curl procps openssl
    redis-server rabbitmq-server postfix lighttpd lighttpd-mod-openssl""".split()
LINTER = ("dpkg-dev", "file", "lintian")


class Failed(Exception):
    pass


def run(*words, **how):
    """What it said, all of it when it fails."""
    done = subprocess.run([str(word) for word in words], text=True,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, **how)
    if done.returncode:
        raise Failed(f"{' '.join(map(str, words))}: exit code "
                     f"{done.returncode}\n{done.stdout[-6000:]}")
    return done.stdout


def inside(tree, *words):
    """Runs in a tree that is not booted, in the host's network."""
    said = run(*NSPAWN, "--pipe", "--as-pid2", "--directory", tree,
               f"--bind-ro={ROOT}:/postrider", *ENV, *words)
    return re.sub(r"(?m)^Attempted to remove disk file system.*\n*", "", said)


def copy(old, new):
    remove(new)
    run("cp", "-a", "--reflink=auto", old, new)
    return new


def remove(tree):
    if tree.exists():
        run("rm", "-rf", "--one-file-system", tree)


def mount_copy(tree, folder):
    """A copy that takes no time: what is changed in it is in a folder beside."""
    unmount_copy(folder)
    layers = [folder.with_name(f"{folder.name}.{name}")
              for name in ("changes", "work")]
    for path in (folder, *layers):
        path.mkdir()
    run("mount", "-t", "overlay", "overlay", folder, "-o",
        f"lowerdir={tree},upperdir={layers[0]},workdir={layers[1]}")
    return folder


def unmount_copy(folder):
    if folder.is_mount():
        run("umount", folder)
    for path in (folder, *folder.parent.glob(f"{folder.name}.*")):
        remove(path)


def kept(name):
    """Of the function that makes a tree: under its name only when it is whole."""
    def decorate(make):
        def tree(release):
            folder = FOLDER / release
            final, begun = folder / name, folder / f"{name}.begun"
            if not final.exists():
                print(f"{release}: making the tree {name}", flush=True)
                folder.mkdir(parents=True, exist_ok=True)
                remove(begun)
                make(release, begun)
                begun.rename(final)
            return final
        return tree
    return decorate


@kept("base")
def base(release, tree):
    run("debootstrap", "--variant=minbase", "--include=ca-certificates",
        release, tree, f"{MIRROR}/debian")
    (tree / "etc/apt/sources.list").write_text(
        SOURCES.format(mirror=MIRROR, release=release))
    (tree / "etc/dpkg/dpkg.cfg.d/fast").write_text("force-unsafe-io\n")


@kept("build")
def builder(release, tree):
    copy(base(release), tree)
    inside(tree, *INSTALL, "build")
    inside(tree, *INSTALL, "--install", *LINTER)
    shutil.rmtree(tree / "var/cache/apt/archives")


@kept("host")
def host(release, tree):
    """A web host as others have it, with Redis, RabbitMQ and Postfix."""
    copy(base(release), tree)
    (tree / "etc/hostname").write_text("web\n")
    (tree / "etc/hosts").write_text(
        "127.0.0.1 localhost\n127.0.1.1 web.example.org web\n")
    inside(tree, *INSTALL, "--install", *HOST)
    (tree / "etc/dpkg/dpkg.cfg.d/fast").unlink()
