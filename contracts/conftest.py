"""The pytest plugin of the suite, for `pytest contracts`."""

from contracts.suite.plugin.pytest_plugin import *  # noqa: F403
