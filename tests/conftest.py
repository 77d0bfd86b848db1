"""Shared by all tests: importable builders, and the rule that nothing skipped passes for tested."""

import os
import signal
import sys
from pathlib import Path

import pytest
from hypothesis import settings

# Fewer examples than the default keep the unit tests within seconds; no test depends on speed.
settings.register_profile("certbench", max_examples=40, deadline=None)
settings.load_profile("certbench")

sys.path.insert(0, str(Path(__file__).parent / "unit"))

# A shell that starts the tests in the background has them ignore Ctrl-C, which some of them send.
signal.signal(signal.SIGINT, signal.default_int_handler)

# No test sees the prices that whoever runs it has read from a catalogue.
os.environ["CERTBENCH_CATALOGUE"] = str(Path(__file__).with_name("no-catalogue.json"))

REQUIRED = "CERTBENCH_REQUIRE_ENGINE"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Where the gate says that an engine has to be there, a skipped test is a failed one."""
    report = yield
    if report.skipped and os.environ.get(REQUIRED):
        report.outcome = "failed"
        report.longrepr = f"skipped although {REQUIRED} is set: {report.longrepr}"
    return report
