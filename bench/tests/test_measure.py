# SPDX-License-Identifier: MIT
"""ctest bench.measure: from rounds to medians, tables, charts and the docs."""

import pathlib
import sys
import unittest
import xml.etree.ElementTree

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "deploy"), str(ROOT / "bench")]

from measure import chart, drain, figure, publish
from measure.figure import Figure

RATE = Figure(title="Mails <accepted>", metric="rate", unit="mails/s",
              more={"p99_ms": "p99 ms"}, detail=("cpu_us", "CPU us a mail"))
TIME = Figure(title="Time", metric="p99_ms", unit="p99 ms", axis="mails/s",
              less_is_better=True)
ROUNDS = [
    {"round": 0, "name": "postrider", "at": None, "rate": 3000, "p99_ms": 9,
     "cpu_us": {"api": 30, "redis": 40}},
    {"round": 0, "name": "bullmq", "at": None, "rate": 4000, "p99_ms": 8,
     "cpu_us": {"api": 90}},
    {"round": 1, "name": "postrider", "at": None, "rate": 1000, "p99_ms": 7,
     "cpu_us": {"api": 32, "redis": 40}},
    {"round": 1, "name": "bullmq", "at": None, "rate": 2000, "p99_ms": 6,
     "cpu_us": {"api": 92}},
    {"round": 2, "name": "postrider", "at": None, "rate": 2000, "p99_ms": 8,
     "cpu_us": {"api": 31, "redis": 0}},
    {"round": 2, "name": "bullmq", "at": None, "rate": 1000, "p99_ms": 9,
     "cpu_us": {"api": 91}},
]


def curve(name, *points):
    return [{"round": 0, "name": name, "at": at, "rate": value,
             "p99_ms": value} for at, value in points]


class Statistics(unittest.TestCase):
    def test_percentiles_are_values_that_were_seen(self):
        hundred = list(range(100, 0, -1))
        self.assertEqual(figure.percentile(hundred, 50), 50)
        self.assertEqual(figure.percentile(hundred, 99), 99)
        self.assertEqual(figure.percentile(hundred, 99.9), 100)
        self.assertEqual(figure.percentile([7], 50), 7)

    def test_medians_and_spread(self):
        ours, its = figure.summaries(RATE, ROUNDS)
        self.assertEqual((ours["name"], ours["median"], ours["least"],
                          ours["most"]), ("postrider", 2000, 1000, 3000))
        self.assertEqual(ours["more"], {"p99_ms": 8})
        self.assertEqual(ours["detail"], {"api": 31, "redis": 40})
        self.assertIsNone(ours["ours_to_it"])
        self.assertEqual(its["median"], 2000)

    def test_the_ratio_is_taken_round_by_round(self):
        its = figure.summaries(RATE, ROUNDS)[1]
        self.assertEqual(its["ours_to_it"], 0.75)  # of 0.75, 0.5 and 2

    def test_a_faster_peer_is_named(self):
        found = figure.summaries(RATE, ROUNDS)
        self.assertEqual(list(figure.faster(RATE, found)), [
            "bullmq is better here: ours has 0.75 times its mails/s."])
        slower = [it | {"ours_to_it": 1.5} for it in found]
        self.assertEqual(list(figure.faster(RATE, slower)), [])
        limit = [found[1] | {"name": "lighttpd"}]
        self.assertEqual(list(figure.faster(RATE, limit)), [])

    def test_where_less_is_better(self):
        found = figure.summaries(
            TIME, curve("postrider", (500, 4), (1000, 9))
            + curve("amqplib", (500, 8), (1000, 6)))
        self.assertEqual(list(figure.faster(TIME, found)), [
            "amqplib is better here at 1 000 mails/s: ours has 1.50 times its "
            "p99 ms."])

    def test_every_value_falls_into_a_bucket(self):
        found = figure.histogram([0.01, 1, 1.01, 9.9, 1e9])
        self.assertEqual(found, {"0.1": 1, "1": 1, "1.26": 1, "10": 1,
                                 figure.EDGES[-1]: 1})

    def test_a_rate_is_of_the_time_asked_for(self):
        steady = [at / 100 for at in range(501)]
        self.assertAlmostEqual(drain.rate(steady, 2), 100)
        self.assertAlmostEqual(drain.rate(steady[:51], 2), 100)
        bursts = [at for at in range(6) for _ in range(64)]
        self.assertAlmostEqual(drain.rate(bursts, 4), 64)


class Tables(unittest.TestCase):
    def test_as_text(self):
        found = figure.summaries(RATE, ROUNDS)
        self.assertEqual(list(figure.as_text(*figure.table(RATE, found))), [
            "           mails/s  least   most  ours/it  p99 ms  CPU us a mail",
            "postrider    2 000  1 000  3 000                8  "
            "api 31, redis 40",
            "bullmq       2 000  1 000  4 000     0.75       8  api 91"])

    def test_as_markdown(self):
        found = figure.summaries(TIME, curve("postrider", (500, 0.25)))
        self.assertEqual(list(figure.as_markdown(
            *figure.table(TIME, found))), [
                "|  | mails/s | p99 ms | least | most |",
                "| --- | ---: | ---: | ---: | ---: |",
                "| postrider | 500 | 0.25 | 0.25 | 0.25 |"])

    def test_numbers(self):
        for value, text in ((0, "0"), (7, "7"), (0.123456, "0.123"),
                            (12.34, "12.3"), (123.4, "123"), (999.7, "1 000"),
                            (1234567, "1 234 567"), (None, "")):
            self.assertEqual(figure.number(value), text)


class Charts(unittest.TestCase):
    def elements(self, svg, tag):
        root = xml.etree.ElementTree.fromstring(svg)
        return list(root.iter("{http://www.w3.org/2000/svg}" + tag))

    def test_bars(self):
        svg = chart.draw(RATE, figure.summaries(RATE, ROUNDS), ROUNDS)
        bars = self.elements(svg, "rect")[1:]
        self.assertEqual([bar.get("class") for bar in bars], ["c0", "c1"])
        self.assertEqual(bars[0].get("width"), bars[1].get("width"))
        self.assertIn("Mails <accepted>",
                      [it.text for it in self.elements(svg, "text")])

    def test_lines(self):
        rounds = curve("0 ms", (1, 10), (4, 40)) + curve("9 ms", (1, 1), (4, 4))
        for log in (False, True):
            shown = Figure("Rate", "rate", "mails/s", "sessions",
                           chart="lines", log=log)
            svg = chart.draw(shown, figure.summaries(shown, rounds), rounds)
            high, low = self.elements(svg, "polyline")
            self.assertEqual(len(high.get("points").split()), 2)
            self.assertLess(self.right_end(high), self.right_end(low))

    def right_end(self, line):
        return float(line.get("points").split()[-1].split(",")[1])

    def test_a_curve_of_one_point(self):
        svg = chart.lines("One", ("mails", "mails/s"), figure.summaries(
            RATE, curve("postrider", (1000, 5))))
        self.assertEqual(len(self.elements(svg, "circle")), 1)

    def test_names_do_not_cover_each_other(self):
        self.assertEqual(chart.apart({"a": 20, "b": 21, "c": 90}),
                         {"a": 20, "b": 36, "c": 90})

    def test_histogram(self):
        rounds = [{"histogram": {"1": 2, "2": 1}}, {"histogram": {"1": 1}}]
        buckets = chart.buckets_of(rounds)
        self.assertEqual(buckets, [(1, 3), (1.26, 0), (1.58, 0), (2, 1)])
        svg = chart.histogram("Times", "ms", buckets)
        self.assertEqual(len(self.elements(svg, "rect")), 1 + 4)

    def test_steps_are_round_and_reach_the_top(self):
        self.assertEqual(chart.steps(7300), [0, 2000, 4000, 6000, 8000])
        for most in (0, 0.013, 1, 99, 100, 101, 8e6):
            self.assertGreaterEqual(chart.steps(most)[-1], most)


class Docs(unittest.TestCase):
    def test_a_block_replaces_the_one_before(self):
        page = f"a\n{publish.BEGIN}\nold\n{publish.END}\nz\n"
        once = publish.put_block(page, "new\n")
        self.assertEqual(once, f"a\n{publish.BEGIN}\nnew\n{publish.END}\nz\n")
        self.assertEqual(publish.put_block(once, "new"), once)

    def test_a_page_without_its_markers_is_refused(self):
        for page in ("", publish.BEGIN, publish.END + publish.BEGIN):
            with self.assertRaises(publish.Trouble):
                publish.put_block(page, "new")

    def test_what_is_no_reference(self):
        clean = {"dirty": False, "commit": "a", "machine": {}, "versions": {}}
        self.assertEqual(list(publish.judge({"api": clean})), [])
        self.assertEqual(len(list(publish.judge({}))), 1)
        self.assertEqual(list(publish.judge(
            {"api": clean | {"dirty": True}, "size": clean | {"commit": "b"}})),
            ["api was measured with changes that are in no commit",
             'not all have one commit: "a", "b"'])

    def test_the_docs_have_their_markers(self):
        for page in (publish.PAGE, publish.README):
            text = page.read_text()
            block = text.partition(publish.BEGIN)[2].partition(publish.END)[0]
            self.assertEqual(publish.put_block(text, block), text)

    def test_every_part_has_what_is_asked_of_it(self):
        parts = ROOT / "bench" / "measure" / "parts"
        for path in parts.glob("[a-z]*.py"):
            self.assertIsInstance(publish.figure_of(path.stem), Figure)


if __name__ == "__main__":
    unittest.main()
