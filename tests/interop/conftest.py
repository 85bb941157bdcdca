"""The daemons of the system tests."""

from tests.system.conftest import daemon, directory, make_daemon

__all__ = ["daemon", "directory", "make_daemon"]
