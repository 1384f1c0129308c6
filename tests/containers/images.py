#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""
images.py [IMAGE...]: says what ours have in them besides their base, and asserts
that it is what runs: no compiler, no header, no secret, nothing to be root with.
"""

import json
import re
import subprocess
import sys
import tarfile

BASE = "debian:trixie-slim"
OURS = ("postrider-api", "postrider-worker")
SIZE = 130 * 10**6  # bytes
OF_EACH = {
    "postrider-api": {"usr/bin/postrider", "usr/sbin/postrider-api",
                      "usr/sbin/postrider-events"},
    "postrider-worker": {"usr/sbin/postrider-worker"},
}
LABELS = {"title", "description", "version", "licenses", "base.name"}
BUILDS = re.compile(
    r"(^|/)(cc|gcc|g\+\+|c\+\+|clang|cpp|ld|ld\.bfd|as|make|cmake|ninja|git"
    r"|pkgconf|pkg-config|python3?|gdb|strace)(-[\d.]+)?$")
SECRETS = re.compile(r"(^|/)(\.git|\.env|\.netrc|\.ssh|id_\w+)(/|$)"
                     r"|(^|/)\S+\.key$")
TOLD = re.compile(r"password|secret|token|PRIVATE KEY", re.I)
TEMPORARY = re.compile(r"^(var/lib/apt/lists|var/cache/apt|tmp|var/tmp|root"
                       r"|src|build|image)/[^.]")


def said(*words):
    return subprocess.run(words, check=True, text=True,
                          stdout=subprocess.PIPE).stdout


def files(image):
    """Its members by path, and the text of dpkg's status."""
    container = said("docker", "create", image, "true").strip()
    found, status = {}, ""
    export = subprocess.Popen(["docker", "export", container],
                              stdout=subprocess.PIPE)
    with tarfile.open(fileobj=export.stdout, mode="r|") as tar:
        for member in tar:
            found[member.name] = member
            if member.name == "var/lib/dpkg/status":
                status = tar.extractfile(member).read().decode()
            if member.isfile() and member.size < 65536 and re.match(
                    "(etc|usr/share/postrider|home|root)/", member.name):
                assert b"PRIVATE KEY-----" not in tar.extractfile(
                    member).read(), f"{image}: {member.name} is a key"
    assert export.wait() == 0
    said("docker", "rm", container)
    return found, set(re.findall(r"^Package: (\S+)", status, re.M))


def look_at_files(image, found, packages):
    programs = {name for name in found if "postrider" in name
                and name.startswith(("usr/bin/", "usr/sbin/"))}
    assert programs == OF_EACH[image], f"{image}: {programs}"
    for name, member in found.items():
        assert not SECRETS.search(name), f"{image}: {name} may be a secret"
        assert not TEMPORARY.search(name), f"{image}: {name} was left"
        assert not name.startswith("usr/include/"), f"{image}: {name}"
        assert not re.search(r"\.(a|la|o|c|h)$", name), f"{image}: {name}"
        if re.match("(usr/)?(local/)?s?bin/", name):
            assert not BUILDS.search(name), f"{image}: {name} builds"
    for name in packages:
        assert not re.search(r"-dev$|^(gcc|binutils|cpp)(-\d+)?$", name), name


def look_at_settings(image, one):
    config = one["Config"]
    labels = {name.removeprefix("org.opencontainers.image.")
              for name in config["Labels"]}
    assert LABELS <= labels, f"{image}: {labels}"
    assert re.fullmatch(r"[1-9]\d+:[1-9]\d+", config["User"]), config["User"]
    assert config["Healthcheck"]["Test"], f"{image}: no HEALTHCHECK"
    assert config["Entrypoint"] == ["tini", "--"], config["Entrypoint"]
    assert one["Size"] < SIZE, f"{image}: {one['Size']} bytes"
    for name in config["Env"]:
        assert not TOLD.search(name), f"{image}: {name}"
    history = said("docker", "history", "--no-trunc", "-q", "--format",
                   "{{.CreatedBy}}", image)
    assert not TOLD.search(history), f"{image}: {history}"


def runs_read_only(image):
    """Its programs do; and no file of it is its user's to write."""
    run = ("docker", "run", "--rm", "--cap-drop", "ALL", "--network", "none",
           "--security-opt", "no-new-privileges", "--entrypoint")
    for program in OF_EACH[image]:
        assert "sage" in said(*run, f"/{program}", "--read-only", image,
                              "--help"), program
    written = said(*run, "sh", image, "-c",
                   "find / -xdev -type f -writable 2>/dev/null; true").split()
    assert not written, f"{image}: can be written: {written}"


def main(*images):
    _, base = files(BASE)
    for image in images or OURS:
        one, = json.loads(said("docker", "image", "inspect", image))
        found, packages = files(image)
        look_at_files(image, found, packages)
        look_at_settings(image, one)
        runs_read_only(image)
        print(f"{image}: {one['Size'] / 10**6:.0f} MB, {one['Architecture']},"
              f" user {one['Config']['User']}; besides {BASE}'s:",
              *sorted(OF_EACH[image]), *sorted(packages - base), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
