#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""ctest `style.rules`: each rule of rules.py sees what breaks it."""
import unittest

import rules

C = "/* SPDX-License-Identifier: MIT */\n"


def lines(rule, path, text, *more):
    return [line for line, _ in rule(path, text, *more)]


def function(parameters="void", body=1, statement="\tx();\n"):
    return f"static int\nf({parameters})\n{{\n{statement * body}}}\n"


class Spdx(unittest.TestCase):
    def test_first_line(self):
        self.assertEqual(lines(rules.spdx, "lib/a.c", C), [])
        self.assertEqual(lines(rules.spdx, "lib/a.c", "\n" + C), [1])
        self.assertEqual(lines(rules.spdx, "a/CMakeLists.txt", "x\n"), [1])
        self.assertEqual(lines(rules.spdx, "README.md", "x\n"), [])

    def test_behind_a_shebang(self):
        good = "#!/bin/sh\n# SPDX-License-Identifier: MIT\n"
        self.assertEqual(lines(rules.spdx, "demo.sh", good), [])
        self.assertEqual(lines(rules.spdx, "demo", "#!/bin/sh\nx\n"), [2])
        self.assertEqual(lines(rules.spdx, "a.lua", "#!lua\n"), [2])


class Lines(unittest.TestCase):
    def test_indentation(self):
        for path, line in (("a.c", " \tx\n"), ("a.c", "        x\n"),
                           ("a.py", "\tx\n"), ("a.c", "x \n"), ("a.c", "x")):
            self.assertEqual(lines(rules.indentation, path, line), [1], line)
        self.assertEqual(
            lines(rules.indentation, "a.c", "\tx\n\t    y\n    z\n"), [])

    def test_length_and_name(self):
        self.assertEqual(lines(rules.file_length, "a.c", "\n" * 500), [])
        self.assertEqual(lines(rules.file_length, "a.c", "\n" * 501), [501])
        self.assertEqual(lines(rules.file_name, "lib/util.c", ""), [1])
        self.assertEqual(lines(rules.file_name, "lib/utility.c", ""), [])

    def test_width(self):
        self.assertEqual(rules.wide_lines("a.c", "x" * 80 + "\n"), [])
        self.assertEqual(rules.wide_lines("a.c", "\t" + "x" * 73), [1])
        self.assertEqual(rules.wide_lines("a.py", "x" * 100), [])


class Code(unittest.TestCase):
    def test_calls(self):
        self.assertEqual(
            lines(rules.calls, "a.c", "\tsprintf(a, b);\n\tstrcat (a, b);\n"),
            [1, 2])
        self.assertEqual(
            lines(rules.calls, "a.c", "\tsnprintf(a);\n/* strcpy( */\n"
                  '\tf("strcpy(");\n'), [])

    def test_arrows(self):
        headers = {"lib": {"log.h"}, "cgi": {"route.h"}, "worker": {"r.h"}}
        text = '#include <x.h>\n#include "log.h"\n#include "route.h"\n'
        self.assertEqual(lines(rules.arrows, "cgi/a.c", text, headers), [])
        self.assertEqual(lines(rules.arrows, "lib/a.c", text, headers), [3])
        self.assertEqual(lines(rules.arrows, "worker/a.c", text, headers), [3])
        self.assertEqual(
            lines(rules.arrows, "cgi/a.c", '#include "../lib/log.h"\n',
                  headers), [1])

    def test_function_length(self):
        self.assertEqual(
            lines(rules.function_shapes, "a.c", function(body=80)), [])
        self.assertEqual(
            lines(rules.function_shapes, "a.c", function(body=81)), [2])

    def test_flat_switch_is_free(self):
        flat = "\tcase A:\n\t\tx();\n\t\tbreak;\n"
        fat = "\tcase A:\n\t\tx();\n\t\tx();\n\t\tx();\n\t\tbreak;\n"
        self.assertEqual(lines(rules.function_shapes, "a.c",
                               function(body=100, statement=flat)), [])
        self.assertEqual(lines(rules.function_shapes, "a.c",
                               function(body=100, statement=fat)), [2])

    def test_parameters(self):
        self.assertEqual(lines(rules.function_shapes, "a.c",
                               function("int a, int b,\n    int (*c)(int, "
                                        "int), int d, int e")), [])
        self.assertEqual(lines(rules.function_shapes, "a.c", function(
            "int a, int b,\n    int c, int d, int e, int f")), [2])
        self.assertEqual(lines(rules.function_shapes, "a.c", function(
            "int a, int b,\n    int c, int d, int e, int f").replace(
                "static int", "static enum MHD_Result")), [])

    def test_shape(self):
        for text in ("int f(void)\n{\n}\n", "int f(void) {\n}\n",
                     "static struct a *f(int b)\n{\n}\n"):
            self.assertEqual(
                lines(rules.function_shapes, "a.c", text), [1], text)
        for text in ("int f(void);\n", "struct a a = {\n};\n",
                     function(), "#define F(x) \\\n\tg(x)\n"):
            self.assertEqual(
                lines(rules.function_shapes, "a.c", text), [], text)

    def test_functions_are_found(self):
        text = (C + "static int x = f(\n    1);\n" + function(body=3) +
                "struct a {\n\tint b;\n};\n" + function("int a", 2))
        self.assertEqual([(f.name, f.lines, f.parameters)
                          for f in rules.functions(text)],
                         [("f", 3, 0), ("f", 2, 1)])

    def test_python(self):
        long = "def f():\n" + "    x()\n" * 81
        self.assertEqual(lines(rules.python_functions, "a.py", long), [1])

    def test_percentile(self):
        self.assertEqual(rules.percentile_95([1] * 95 + [60] * 5), 60)
        self.assertEqual(rules.percentile_95([1] * 96 + [60] * 4), 1)
        self.assertEqual(rules.percentile_95([]), 0)


class Settings(unittest.TestCase):
    CONFIG = ('const struct setting config_settings[] = {\n'
              '\tTEXT("SMTP_HOST", a, "x"),\n'
              '\t{ ROW("SMTP_TLS", a) },\n'
              '\tNUMBER("PORT", b, "1"),\n};\nf("NOT_ONE");\n')

    def test_names(self):
        self.assertEqual(rules.setting_names(self.CONFIG),
                         ["SMTP_HOST", "SMTP_TLS", "PORT"])

    def test_undocumented(self):
        found = list(rules.undocumented(
            self.CONFIG, "| `SMTP_TLS` | SMTP_PORT | `SMTP_HOST_2`"))
        self.assertEqual(found, [
            (2, "SMTP_HOST is not in docs/protocol.md"),
            (4, "PORT is not in docs/protocol.md")])


if __name__ == "__main__":
    unittest.main()
