#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""ctest `style`: holds the tree to the budgets of rules.py and .clang-format.

Reads what git tracks or would track (or, without git, all but build and var),
prints every violation as file:line: message, and fails if there was one.
"""
import os
import re
import shutil
import subprocess
import sys

sys.dont_write_bytecode = True
import rules  # noqa: E402

CLANG_FORMAT_MAJOR = "14"
LEFT_OUT = ("build", "var", ".git", "__pycache__")


def tree_files(root):
    git = subprocess.run(
        ["git", "-c", f"safe.directory={root}", "-C", root, "ls-files", "-coz",
         "--exclude-standard"], capture_output=True, text=True, check=False)
    if git.returncode == 0:
        return sorted(path for path in git.stdout.split("\0")
                      if path and os.path.isfile(os.path.join(root, path)))
    found = []
    for folder, folders, names in os.walk(root):
        folders[:] = [name for name in folders if name not in LEFT_OUT]
        found += [os.path.relpath(os.path.join(folder, name), root)
                  for name in names]
    return sorted(found)


def read_sources(root):
    """Path to text, of all that is text."""
    texts = {}
    for path in tree_files(root):
        try:
            with open(os.path.join(root, path), encoding="utf-8") as file:
                texts[path] = file.read()
        except UnicodeDecodeError:
            continue
    return texts


def check_each_file(texts):
    headers = {}
    for path in texts:
        folder, _, name = path.partition("/")
        if name.endswith(".h"):
            headers.setdefault(folder, set()).add(name)
    for path, text in texts.items():
        for rule in rules.EACH_FILE:
            for line, message in rule(path, text):
                yield path, line, message
        for line, message in rules.arrows(path, text, headers):
            yield path, line, message


def check_wide_lines(texts):
    wide = [(path, line) for path, text in texts.items()
            for line in rules.wide_lines(path, text)]
    total = sum(text.count("\n") for path, text in texts.items()
                if rules.kind(path) in ("c", "h"))
    print(f"{len(wide)} of {total} lines of C are past {rules.COLUMNS} "
          "columns")
    if len(wide) > total * rules.WIDE_SHARE:
        for path, line in wide:
            yield path, line, f"past {rules.COLUMNS} columns, and more than " \
                              f"{rules.WIDE_SHARE:.0%} of all lines are"


def check_function_sizes(texts):
    sizes = [(function.counted, path, function)
             for path, text in texts.items() if path.endswith(".c")
             for function in rules.functions(text)]
    p95 = rules.percentile_95([size for size, _, _ in sizes])
    print(f"{len(sizes)} functions, 95 % of them have at most {p95} lines")
    if p95 > rules.FUNCTION_LINES_P95:
        for size, path, function in sizes:
            if size > rules.FUNCTION_LINES_P95:
                yield path, function.line, \
                    f"{function.name}() has {size} lines, and the 95th " \
                    f"percentile may be {rules.FUNCTION_LINES_P95}"


def check_settings(texts):
    config = texts.get("lib/config_table.c", "")
    protocol = texts.get("docs/protocol.md")
    if protocol is None:
        print("docs/protocol.md is not there: settings not compared")
        return
    if not rules.setting_names(config):
        yield "lib/config_table.c", 1, "no table of settings was found"
    for line, message in rules.undocumented(config, protocol):
        yield "lib/config_table.c", line, message


def clang_format():
    """The program and its major version, or None."""
    for name in (f"clang-format-{CLANG_FORMAT_MAJOR}", "clang-format"):
        program = shutil.which(name)
        if program:
            version = subprocess.run([program, "--version"], check=True,
                                     capture_output=True, text=True).stdout
            return program, re.search(r"version (\d+)", version).group(1)
    return None


def check_format(texts, root):
    found = clang_format()
    if found is None or found[1] != CLANG_FORMAT_MAJOR:
        print(f"clang-format {CLANG_FORMAT_MAJOR} is not here "
              f"({found[1] if found else 'none'} is): format not compared")
        return
    paths = [path for path in texts if rules.kind(path) in ("c", "h")]
    if not paths:
        return
    result = subprocess.run([found[0], "--dry-run", "-Werror", *paths],
                            cwd=root, capture_output=True, text=True,
                            check=False)
    seen = re.findall(r"^([^:\n]+):(\d+):\d+: error:", result.stderr, re.M)
    for path, line in dict.fromkeys(seen):
        yield path, int(line), "clang-format would write this differently"
    if result.returncode != 0 and not seen:
        yield ".clang-format", 1, result.stderr.strip()


def main():
    root = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else ".")
    texts = read_sources(root)
    found = [*check_each_file(texts), *check_wide_lines(texts),
             *check_function_sizes(texts), *check_settings(texts),
             *check_format(texts, root)]
    for path, line, message in sorted(found):
        print(f"{path}:{line}: {message}")
    print(f"{len(texts)} files, {len(found)} violations")
    return 1 if found or not texts else 0


if __name__ == "__main__":
    sys.exit(main())
