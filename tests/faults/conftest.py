"""What the tests of faults share with those of the whole system."""

from tests.system.conftest import daemon, directory, make_daemon, nodes, shared_database, shared_dsn

__all__ = ["daemon", "directory", "make_daemon", "nodes", "shared_database", "shared_dsn"]
