# SPDX-License-Identifier: MIT
"""
The Debian packages of a release, built within it by deploy/deb.sh, which has
lintian look at them: of the sources as they are, of the same with the next
version's number, and of an older commit.
"""

import re
import shutil
import subprocess
import tarfile

import trees

# The first that was packaged. Once a version is released: its tag.
PREVIOUS = "b0c6a58"
PREVIOUS_VERSION = "0.0.9"
VERSION = re.compile(r"(?<=^project\(postrider VERSION )[\d.]+", re.M)


def version():
    return VERSION.search((trees.ROOT / "CMakeLists.txt").read_text())[0]


def next_version():
    major, minor, patch = version().split(".")
    return f"{major}.{minor}.{int(patch) + 1}"


def files():
    """What git has or would take; without git, all but what was made."""
    listed = subprocess.run(
        ["git", "-c", f"safe.directory={trees.ROOT}", "-C", trees.ROOT,
         "ls-files", "-coz", "--exclude-standard"], capture_output=True,
        text=True, check=False)
    if listed.returncode == 0:
        return [name for name in listed.stdout.split("\0")
                if name and (trees.ROOT / name).exists()]
    return [path.name for path in trees.ROOT.iterdir()
            if path.name not in ("build", "var", ".git")]


def unpack(archive, folder):
    """Over older sources; what was built of those that changed is built anew,
    whatever their time is."""
    with tarfile.open(archive) as sources:
        wanted = {one.name: one for one in sources if one.isfile()}
        for path in folder.rglob("*"):
            name = str(path.relative_to(folder))
            if not name.startswith("build/") and not path.is_dir() \
                    and name not in wanted:
                path.unlink()
        for name, one in wanted.items():
            path, text = folder / name, sources.extractfile(one).read()
            if not path.exists() or path.read_bytes() != text:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(text)
            path.chmod(one.mode)


def set_version(folder, number):
    path = folder / "CMakeLists.txt"
    path.write_text(VERSION.sub(number, path.read_text(), count=1))


def build(release, folder, deb):
    """Returns what lintian said."""
    builder = trees.builder(release)
    said = trees.inside(builder, "/" + str(
        (folder / "deploy/deb.sh").relative_to(builder)))
    trees.remove(deb)
    shutil.copytree(folder / "build/deb", deb)
    return said[said.rfind("CPack"):]


def current(release):
    """Returns the folders of this version's packages and of the next one's."""
    folder = trees.builder(release) / "src/current"
    archive = folder.with_name("current.tar")
    folder.mkdir(parents=True, exist_ok=True)
    with tarfile.open(archive, "w") as sources:
        for name in files():
            sources.add(trees.ROOT / name, name)
    unpack(archive, folder)
    made = []
    for number in (version(), next_version()):
        set_version(folder, number)
        deb = trees.FOLDER / release / f"deb-{number}"
        print(f"{release}: packages of {number}\n"
              + build(release, folder, deb), flush=True)
        made.append(deb)
    return made


def previous(release):
    """Returns the folder of the older packages, built once."""
    deb = trees.FOLDER / release / f"deb-{PREVIOUS}"
    if deb.exists():
        return deb
    folder = trees.builder(release) / "src/previous"
    archive = folder.with_name("previous.tar")
    folder.mkdir(parents=True, exist_ok=True)
    trees.run("git", "-c", f"safe.directory={trees.ROOT}", "-C", trees.ROOT,
              "archive", "--output", archive, PREVIOUS)
    unpack(archive, folder)
    set_version(folder, PREVIOUS_VERSION)
    print(f"{release}: packages of {PREVIOUS} as {PREVIOUS_VERSION}\n"
          + build(release, folder, deb), flush=True)
    return deb
