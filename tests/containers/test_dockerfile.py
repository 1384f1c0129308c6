#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Each rule of dockerfile.py and lint.py sees what breaks it."""

import unittest

import dockerfile
import lint

GOOD = """\
# SPDX-License-Identifier: MIT
FROM debian:trixie-slim AS build
WORKDIR /src
COPY . .
RUN deploy/build.sh release

FROM debian:trixie-slim
COPY --from=build /image /
RUN apt-get update \\
 && apt-get install -y --no-install-recommends tini \\
# Why, in the midst.
 && rm -rf /var/lib/apt/lists/*
ARG VERSION=1.2.3
LABEL org.opencontainers.image.title="a" \\
      org.opencontainers.image.description="b" \\
      org.opencontainers.image.version="$VERSION" \\
      org.opencontainers.image.base.name="debian:trixie-slim" \\
      org.opencontainers.image.licenses="MIT"
USER 10001:10001
ENV PORT=3000
HEALTHCHECK CMD true
STOPSIGNAL SIGINT
ENTRYPOINT ["tini", "--"]
CMD ["a"]
"""
# What is put in the place of what, and the line and words of its fault.
BROKEN = (
    ("USER 10001:10001\n", "", 7, "DL3002"),
    ("USER 10001:10001", "USER root", 7, "DL3002"),
    ("USER 10001:10001", "USER 0:0", 7, "DL3002"),
    ("ENTRYPOINT [\"tini\", \"--\"]\n", "", 7, "no init"),
    ("ENTRYPOINT [\"tini\", \"--\"]", "ENTRYPOINT tini --", 23, "DL3025"),
    ("CMD [\"a\"]", "CMD a", 24, "DL3025"),
    ("CMD [\"a\"]", "CMD [\"b\"]\nCMD [\"a\"]", 24, "DL4003"),
    ("CMD [\"a\"]", "cmd [\"a\"]", 24, "capitals"),
    ("HEALTHCHECK CMD true\n", "", 7, "DL3057"),
    ("STOPSIGNAL SIGINT\n", "", 7, "STOPSIGNAL"),
    ("VERSION=1.2.3", "VERSION=1.2.2", 7, "1.2.3"),
    ("image.licenses", "image.licence", 7, "image.licenses"),
    ("e=\"debian:trixie-slim\"", "e=\"debian:trixie\"", 7, "base.name"),
    ("ENV PORT=3000", "ENV SMTP_PASSWORD=x", 20, "SMTP_PASSWORD"),
    ("ENV PORT=3000", "ENV A=1 API_KEY=x", 20, "API_KEY"),
    ("ARG VERSION", "ARG GITHUB_TOKEN\nARG VERSION", 13, "GITHUB_TOKEN"),
    ("ENV PORT=3000", "ENV L=/usr/lib/x86_64-linux-gnu", 20, "DL3029"),
    ("FROM debian:trixie-slim\n", "FROM --platform=arm64 debian:trixie-slim\n",
     7, "DL3029"),
    ("FROM debian:trixie-slim AS", "FROM debian AS", 2, "DL3006"),
    ("FROM debian:trixie-slim AS", "FROM debian:latest AS", 2, "DL3006"),
    ("--from=build", "--from=built", 8, "DL3022"),
    ("COPY --from=build /image /", "COPY . /", 8, "all that is here"),
    ("COPY . .", "ADD http://example.com/x .", 4, "DL3020"),
    ("WORKDIR /src\n", "", 3, "DL3045"),
    ("WORKDIR /src", "WORKDIR src", 3, "DL3000"),
    ("install -y", "install", 9, "DL3014"),
    (" --no-install-recommends", "", 9, "DL3015"),
    (" \\\n# Why, in the midst.\n && rm -rf /var/lib/apt/lists/*", "", 9,
     "DL3009"),
    ("recommends tini", "recommends tini gcc-14", 9, "gcc-14"),
    ("recommends tini", "recommends tini libpq-dev", 9, "libpq-dev"),
    ("apt-get install", "apt install", 9, "DL3027"),
    ("RUN deploy", "RUN sudo deploy", 5, "DL3004"),
    ("RUN deploy", "RUN cd /src && deploy", 5, "DL3003"),
    ("release\n", "release | tee log\n", 5, "DL4006"),
    ("RUN deploy", "RUN rm $HOME/x && deploy", 5, "SC2086"),
    ("RUN deploy", "RUN [[ -e x ]] && deploy", 5, "SC3010"),
)


class Rules(unittest.TestCase):
    def test_good(self):
        self.assertEqual(dockerfile.faults(GOOD, "1.2.3"), [])

    def test_each(self):
        for old, new, line, words in BROKEN:
            with self.subTest(new=new, words=words):
                self.assertIn(old, GOOD)
                found = dockerfile.faults(GOOD.replace(old, new, 1), "1.2.3")
                self.assertTrue([what for at, what in found
                                 if at == line and words in what], found)

    def test_two_stages_of_a_name(self):
        text = "FROM a:1 AS b\nFROM c:1 AS b\n"
        self.assertTrue(any("DL3024" in what for _, what in
                            dockerfile.faults(text, "1")))

    def test_nothing(self):
        self.assertEqual(dockerfile.faults("# a\n", "1"),
                         [(1, "there is no FROM")])


class Lint(unittest.TestCase):
    def test_until_built(self):
        self.assertEqual(len(lint.until_built(GOOD)), 4)
        self.assertEqual(lint.until_built("FROM a:1\n"), [])
        self.assertNotEqual(lint.until_built(GOOD), lint.until_built(
            GOOD.replace("/src", "/build")))

    def test_ignored(self):
        self.assertEqual(list(lint.ignored("# a\n*\n!lib\n!deploy/x\n")), [])
        for text in ("lib\n", "*\nlib\n", "*\n!.env\n", "*\n!.git\n",
                     "*\n!build\n"):
            self.assertTrue(list(lint.ignored(text)), text)


if __name__ == "__main__":
    unittest.main()
