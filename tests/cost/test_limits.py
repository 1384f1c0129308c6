# SPDX-License-Identifier: MIT
"""ctest cost.limits: the guard fails when it should."""

import sys
import unittest

sys.dont_write_bytecode = True
import limits

TEXT = """\
# a comment

mime.plain.instructions 1000 10% a message
api.redis.calls 6.00 0% all commands
"""
SEEN = {"mime.plain.instructions": 1000, "api.redis.calls": 6}


class Limits(unittest.TestCase):
    def faults(self, **seen):
        changed = {name.replace("__", "."): value
                   for name, value in seen.items()}
        return limits.compare(SEEN | changed, limits.read(TEXT))

    def test_as_seen(self):
        self.assertEqual(self.faults(), [])

    def test_room(self):
        self.assertEqual(self.faults(mime__plain__instructions=1099), [])
        self.assertEqual(self.faults(mime__plain__instructions=801), [])

    def test_too_much(self):
        fault, = self.faults(mime__plain__instructions=1101)
        self.assertIn("1101, and 1100 is the limit (a message)", fault)
        fault, = self.faults(api__redis__calls=6.01)
        self.assertIn("6.01, and 6.00 is the limit", fault)

    def test_much_less(self):
        fault, = self.faults(mime__plain__instructions=799)
        self.assertIn("799, 20% less", fault)

    def test_unknown(self):
        fault, = self.faults(new=1)
        self.assertIn("no row", fault)

    def test_not_counted(self):
        fault, = limits.compare({"api.redis.calls": 6}, limits.read(TEXT))
        self.assertIn("mime.plain.instructions: was not counted", fault)

    def test_rewritten(self):
        text = limits.rewritten(TEXT, SEEN | {"api.redis.calls": 4.5})
        self.assertTrue(text.startswith("# a comment\n\n"))
        self.assertEqual(limits.read(text)["api.redis.calls"].seen, 4.5)
        self.assertEqual(limits.read(text)["api.redis.calls"].about,
                         "all commands")

    def test_no_row(self):
        with self.assertRaises(ValueError):
            limits.read("mime.plain.instructions 1000\n")
        with self.assertRaises(ValueError):
            limits.read(TEXT + TEXT)

    def test_the_file(self):
        self.assertTrue(limits.read(limits.FILE.read_text()))


if __name__ == "__main__":
    unittest.main()
