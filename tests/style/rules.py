# SPDX-License-Identifier: MIT
"""The budgets of STYLE.md as pure functions.

Each rule takes a path (relative to the tree) and a file's text, and yields
(line, message). style.py walks the tree; test_rules.py shows each rule a text
that breaks it.
"""
import ast
import re

SPDX = "SPDX-License-Identifier: MIT"
COLUMNS = 80
WIDE_SHARE = 0.02
FILE_LINES = 500
FUNCTION_LINES = 80
FUNCTION_LINES_P95 = 50
PARAMETERS = 5
# What a library calls has the parameters that it says.
LIBRARY_RESULTS = ("enum MHD_Result",)
ARM_LINES = 3  # a switch is flat while its arms are no longer
FORBIDDEN_NAMES = {"util", "utils", "helper", "helpers", "misc", "common",
                   "core", "manager", "types", "service"}
FORBIDDEN_CALLS = ("sprintf", "vsprintf", "strcpy", "strcat", "gets")
PROGRAMS = ("cgi", "worker", "events", "ctl", "sendmail")
GENERATED_HEADERS = {"version.h"}
SOURCES = {"c", "h", "lua", "py", "sh", "cmake", "sql", "conf"}
TAB_INDENTED = {"c", "h", "lua"}
SPACE_INDENTED = {"py", "cmake"}


def kind(path, text=""):
    """What a file is: its extension, or sh and py by their shebang."""
    name = path.rsplit("/", 1)[-1]
    if name == "CMakeLists.txt":
        return "cmake"
    if "." in name[1:]:
        return name.rsplit(".", 1)[-1]
    first = text.split("\n", 1)[0]
    if first.startswith("#!"):
        return "py" if "python" in first else "sh"
    return ""


def spdx(path, text):
    """The licence is the first line, or the second behind a shebang."""
    if kind(path, text) not in SOURCES:
        return
    lines = text.split("\n")
    at = 1 if lines[0].startswith("#!") else 0
    if at >= len(lines) or SPDX not in lines[at]:
        yield at + 1, f"the first line must be the comment {SPDX}"


def indentation(path, text):
    """Tabs in C and Lua, spaces in Python and CMake, no mix elsewhere."""
    what = kind(path, text)
    if what not in SOURCES:
        return
    for number, line in enumerate(text.split("\n"), 1):
        indent = line[:len(line) - len(line.lstrip(" \t"))]
        if " \t" in indent:
            yield number, "a space before a tab"
        elif what in TAB_INDENTED and " " * 8 in indent:
            yield number, "eight spaces instead of a tab"
        elif what in SPACE_INDENTED and "\t" in indent:
            yield number, "a tab in the indentation"
        if line != line.rstrip():
            yield number, "blanks at the end of the line"
    if text and not text.endswith("\n"):
        yield number, "no newline at the end of the file"


def file_length(path, text):
    lines = text.count("\n")
    if kind(path, text) in SOURCES and lines > FILE_LINES:
        yield lines, f"{lines} lines, at most {FILE_LINES}"


def file_name(path, text):
    stem = path.rsplit("/", 1)[-1].split(".")[0]
    if kind(path, text) in SOURCES and stem in FORBIDDEN_NAMES:
        yield 1, f"no file is called {stem}"


def wide_lines(path, text):
    """Numbers of the lines past 80 columns, a tab being 8."""
    if kind(path) not in ("c", "h"):
        return []
    return [number for number, line in enumerate(text.split("\n"), 1)
            if len(line.expandtabs(8)) > COLUMNS]


def code_only(text):
    """C with comments, strings and character constants blanked, lines kept."""
    def blank(match):
        return re.sub(r"[^\n]", " ", match.group())
    return re.sub(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"'
                  r"|'(?:\\.|[^'\\\n])+'", blank, text, flags=re.S)


def calls(path, text):
    if kind(path) not in ("c", "h"):
        return
    words = "|".join(FORBIDDEN_CALLS)
    for number, line in enumerate(code_only(text).split("\n"), 1):
        for match in re.finditer(rf"\b({words})\s*\(", line):
            yield number, f"{match.group(1)}() writes without a bound"


def arrows(path, text, headers):
    """Programs include their own folder and lib; lib includes only lib.

    `headers` maps a folder to the names of its headers.
    """
    folder = path.split("/", 1)[0]
    if folder not in PROGRAMS + ("lib",):
        return
    allowed = headers.get(folder, set()) | headers.get("lib", set())
    if folder == "sendmail":  # asks the API as the command does
        allowed = allowed | headers.get("ctl", set())
    for number, line in enumerate(text.split("\n"), 1):
        match = re.match(r'\s*#\s*include\s+"([^"]+)"', line)
        if match and match.group(1) not in allowed | GENERATED_HEADERS:
            yield number, f'"{match.group(1)}" is neither in {folder}/ ' \
                          "nor in lib/"


def parameters(declaration):
    """How many stand between the outer brackets of `name(...)`."""
    depth, commas = 0, 0
    inside = declaration[declaration.index("(") + 1:].rstrip(") \n")
    for letter in inside:
        depth += letter in "([{"
        depth -= letter in ")]}"
        commas += letter == "," and depth == 0
    return 0 if inside.strip() in ("", "void") else commas + 1


def flat_arm_lines(lines):
    """Lines in the short arms of the switches in a function's body."""
    starts = [i for i, line in enumerate(lines)
              if re.match(r"\s*(case\b.*|default\s*):", line)]
    short = 0
    for start, end in zip(starts, starts[1:]):
        if end - start - 1 <= ARM_LINES:
            short += end - start
    return short


class Function:
    """A C function as BSD shape shows it: `name(` and `{` begin a line."""

    def __init__(self, name, line, count, body):
        self.name, self.line, self.parameters = name, line, count
        self.lines = len(body)
        self.counted = self.lines - flat_arm_lines(body)


def functions(text):
    """Every function definition in a C text."""
    lines = code_only(text).split("\n")
    found, head = [], None
    for number, line in enumerate(lines):
        if re.match(r"[a-zA-Z_]\w*\s*\(", line):
            head = number
        elif line == "{" and head is not None:
            end = next((i for i in range(number, len(lines))
                        if lines[i] == "}"), len(lines) - 1)
            name = lines[head].split("(")[0].strip()
            found.append(Function(name, head + 1,
                                  parameters("\n".join(lines[head:number])),
                                  lines[number + 1:end]))
            head = None
        elif line.startswith(("}", "#")) or line.endswith(";"):
            head = None
    return found


def function_shapes(path, text):
    """Length, parameters, and that no function hides from functions()."""
    if kind(path) not in ("c", "h"):
        return
    raw = text.split("\n")
    for function in functions(text):
        if function.counted > FUNCTION_LINES:
            yield (function.line, f"{function.name}() has {function.lines} "
                   f"lines, at most {FUNCTION_LINES}")
        dictated = any(result in raw[function.line - 2]
                       for result in LIBRARY_RESULTS)
        if function.parameters > PARAMETERS and not dictated:
            yield (function.line, f"{function.name}() has "
                   f"{function.parameters} parameters, at most {PARAMETERS}")
    returns = (r"(static|const|struct|enum|void|int|char|bool|size_t"
               r"|u?int\d+_t|unsigned)\b[^;={]*\([^;]*\)$")
    for number, line in enumerate(code_only(text).split("\n"), 1):
        if re.match(r"[a-zA-Z_].*\)\s*\{", line):
            yield number, "a function's opening brace begins its own line"
        elif path.endswith(".c") and re.match(returns, line):
            yield number, "a function's name begins its own line"


def python_functions(path, text):
    if kind(path, text) != "py":
        return
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            lines = node.end_lineno - node.lineno
            if lines > FUNCTION_LINES:
                yield (node.lineno, f"{node.name}() has {lines} lines, at "
                       f"most {FUNCTION_LINES}")


def percentile_95(numbers):
    ordered = sorted(numbers)
    return ordered[len(ordered) * 95 // 100] if ordered else 0


def setting_names(config):
    """The names in the table of lib/config_table.c."""
    table = config.split("const struct setting config_settings[]", 1)
    if len(table) < 2:
        return []
    rows = table[1].split("\n};", 1)[0]
    return re.findall(r'(?:[A-Z]+|\{ ROW)\("([A-Z][A-Z0-9_]*)"', rows)


def undocumented(config, protocol):
    """Settings that docs/protocol.md does not name as a word of its own."""
    words = set(re.findall(r"\b[A-Z][A-Z0-9_]*\b", protocol))
    for name in setting_names(config):
        if name not in words:
            line = config[:config.index(f'"{name}"')].count("\n") + 1
            yield line, f"{name} is not in docs/protocol.md"


EACH_FILE = (spdx, indentation, file_length, file_name, calls,
             function_shapes, python_functions)
