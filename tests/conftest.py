"""Shared by all tests: importable builders, and the rule that nothing skipped passes for tested."""

import os
import shutil
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
# One that starts them with nohup has them ignore a closed terminal: they stay deaf to it, but what
# they start hears it again, since a handler does not outlive exec.
if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
    signal.signal(signal.SIGHUP, lambda *_: None)

SBIN = "/usr/sbin:/usr/local/sbin:/usr/bin"
# No test sees the prices that whoever runs it has read from a catalogue.
os.environ["CERTBENCH_CATALOGUE"] = str(Path(__file__).with_name("no-catalogue.json"))

REQUIRED = "CERTBENCH_REQUIRE_ENGINE"


def pytest_collection_modifyitems(config, items):
    """Where no sshd is, its tests are not selected; the gate installs one and selects them."""
    if os.environ.get(REQUIRED) or shutil.which("sshd", path=SBIN):
        return
    absent = [item for item in items if item.get_closest_marker("ssh")]
    config.hook.pytest_deselected(items=absent)
    items[:] = [item for item in items if item not in absent]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Where the gate says that an engine has to be there, a skipped test is a failed one."""
    report = yield
    if report.skipped and os.environ.get(REQUIRED):
        report.outcome = "failed"
        report.longrepr = f"skipped although {REQUIRED} is set: {report.longrepr}"
    return report
