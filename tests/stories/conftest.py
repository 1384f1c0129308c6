# SPDX-License-Identifier: MIT
"""
The rig of the stories. Run by ctest, or by hand:
    /usr/bin/python3 -m pytest tests/stories/test_accept.py
A story's module may set SETTINGS for its rig. One that needs several rigs asks
for new_rig instead.
"""

import contextlib
import pathlib
import sys

import pytest

HERE = pathlib.Path(__file__).resolve().parent
sys.dont_write_bytecode = True
sys.path[:0] = [str(HERE), str(HERE.parent), str(HERE.parents[1] / "deploy")]

import leftovers
import skips
from collector import Collector
from rig import Rig
from shared_rabbitmq import rabbitmq_of_run

leftovers.mark()


@pytest.fixture(scope="session")
def rabbitmq(tmp_path_factory):
    with contextlib.ExitStack() as ends:
        yield rabbitmq_of_run(tmp_path_factory.mktemp("rabbitmq"), ends)


@pytest.fixture(scope="module")
def collector():
    collector = Collector()
    yield collector
    collector.stop()


@pytest.fixture(scope="module")
def new_rig(request, rabbitmq, tmp_path_factory):
    """Makes rigs, not yet started: new_rig({"RETRY_BASE": "1s"}).start()."""
    rigs = []

    def make(settings=None, **how):
        given = getattr(request.module, "SETTINGS", {}) | (settings or {})
        rigs.append(Rig(tmp_path_factory.mktemp("rig"), rabbitmq, given, **how))
        return rigs[-1]

    request.module.story_rigs = rigs
    yield make
    with contextlib.ExitStack() as ends:
        for rig in rigs:
            ends.callback(rig.stop)


@pytest.fixture(scope="module")
def rig(new_rig):
    return new_rig().start()


@pytest.fixture
def client(rig):
    return rig.client


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """What the programs logged goes with a failure."""
    outcome = yield
    report = outcome.get_result()
    if report.failed:
        for rig in getattr(item.module, "story_rigs", []):
            rig.keep = True
            for service in rig.stack.services:
                report.sections.append(
                    (f"{service.name}'s log", service.last_words(40)))


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session, exitstatus):
    """A story that was skipped, or left something running, has failed."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    allowed = skips.allowed()
    skipped = [report.nodeid.rpartition("/")[2]
               for report in reporter.stats.get("skipped", [])]
    faults = [f"{name} was skipped; tests/skips.txt gives no reason"
              for name in skipped
              if not {name, name.partition("::")[0]} & allowed.keys()]
    faults += leftovers.find()
    if faults:
        reporter.write_line("")
        for fault in faults:
            reporter.write_line(f"FAILED: {fault}", red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
