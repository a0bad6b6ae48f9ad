"""`pytest contracts`: the suite's plugin, where pytest looks for it."""

from contracts.suite.plugin.pytest_plugin import *  # noqa: F403
