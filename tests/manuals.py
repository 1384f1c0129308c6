# SPDX-License-Identifier: MIT
"""
The manual pages: well formed, and with just the options and settings that the
built programs tell of in --help.
    manuals.py POSTRIDER_ENV_5 PROGRAM...
"""

import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).parent.parent
PAGES = ROOT / "docs/man"
ENV_FILE = ROOT / "deploy/postrider.env"

HELP_SETTING = re.compile(
    r"^  ([A-Z_]+)( or its _FILE)?: (.+; default .+)\n {6}(.+)$", re.M)
PAGE_SETTING = re.compile(
    r"^\.It Ev ([A-Z_]+)( Pq secret)?\n(.+; default .+)\n\.br\n"
    r"((?:[^.\n].*\n)+)", re.M)


def run(*words):
    return subprocess.run(words, text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT).stdout


def ill_formed(page):
    """What mandoc and groff have to say about it."""
    yield from run("mandoc", "-T", "lint", "-W", "warning",
                   page).splitlines()
    yield from subprocess.run(
        ["man", "--warnings", "-E", "UTF-8", "-l", "-Tutf8", "-Z", page],
        text=True, stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE).stderr.splitlines()


def settings(pattern, text):
    return {name: (bool(secret), kind, " ".join(help.split("\n")).strip())
            for name, secret, kind, help in pattern.findall(text)}


def options(text):
    return set(re.findall(r"^  (--?[a-zA-Z][a-z-]*)", text, re.M))


def page_options(text):
    return {f"-{name}" for name in re.findall(r"^\.It Fl (\S+)", text, re.M)}


def help_of(program):
    """Its --help, and that of each of its commands."""
    text = run(program, "--help")
    named = re.search(r"^Commands:\n(.+?)\n\n", text, re.M | re.S)
    commands = re.findall(r"^  (.{18}) ", named[1], re.M) if named else []
    for command in commands:
        text += run(program, *command.split(), "--help")
    return text, {command.strip() for command in commands}


def differ(what, page, program):
    for word in sorted(page ^ program):
        yield (f"{what}: {word} is only in the "
               f"{'page' if word in page else 'program'}")


def own_options(text):
    """{option: (its value, what it is for)}, as the page has to have them."""
    return {option: (value, help[0].lower() + help[1:].rstrip("."))
            for option, value, help in re.findall(
                r"^  --([a-z-]+)(?: (\S+))? +(\S.*)$", text, re.M)}


def page_own_options(text):
    return {option: (value, help[0].lower() + help[1:].rstrip("."))
            for option, value, help in re.findall(
                r"^\.It Fl -([a-z-]+)(?: Ar (\S+))?\n(.+)$", text, re.M)}


def command_faults(program, page):
    """Each command: its arguments, and its options with what they say."""
    for part in re.split(r"^(?=\.It Cm )", page, flags=re.M)[1:]:
        words, _, rest = part.partition("\n")
        usage = (words.removeprefix(".It Cm ").replace("Op Ar options",
                 "[options]").replace("Ar ", ""))
        name = re.split(r" \[| [A-Z]", usage)[0]
        text = run(program, *name.split(), "--help")
        said = text.partition("\n")[0].removeprefix("Usage: postrider ")
        if said != usage:
            yield f"{name}: the page has '{usage}', --help '{said}'"
        its = page_own_options(rest.partition("\n.El")[0])
        for option, told in (its.items() ^ own_options(text).items()):
            yield f"{name}: --{option} {' '.join(told)}: differs"


def program_faults(program, text, commands):
    name = pathlib.Path(program).name
    page, = PAGES.glob(f"{name}.[18]")
    page = page.read_text()
    yield from differ(name, page_options(page), options(text))
    said = re.findall(r"^\.It Cm (.+?)(?: Op .*| Ar .*)?$", page, re.M)
    yield from differ(name, set(said), commands)
    if commands:
        yield from command_faults(program, page)


def env_faults(known):
    """The file for operators: only settings there are, as they are."""
    for name, value in re.findall(r"^#?([A-Z_]+)=(.*)$",
                                  ENV_FILE.read_text(), re.M):
        bare = name if name in known else name.removesuffix("_FILE")
        if bare not in known or bare != name and not known[bare][0]:
            yield f"{ENV_FILE.name}: {name} is no setting"
        elif value and not known[name][1].endswith(f"; default {value}"):
            yield f"{ENV_FILE.name}: {name}: {known[name][1]}"


def main(env_page, *programs):
    found, known = [], {}
    for page in [env_page, *sorted(PAGES.glob("*.[18]"))]:
        found += ill_formed(page)
    for program in programs:
        text, commands = help_of(program)
        known |= settings(HELP_SETTING, text)
        found += program_faults(program, text, commands)
    told = settings(PAGE_SETTING, pathlib.Path(env_page).read_text())
    for name in sorted(known.keys() | told.keys()):
        if known.get(name) != told.get(name):
            found.append(f"{name}: {known.get(name)}, but {told.get(name)}")
    found += env_faults(known)
    print("\n".join(found) or f"{len(known)} settings are told as they are")
    return bool(found) or not known


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
