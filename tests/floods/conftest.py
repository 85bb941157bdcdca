"""What the tests of floods share with those of the whole system."""

from tests.system.conftest import daemon, directory, make_daemon

__all__ = ["daemon", "directory", "make_daemon"]
