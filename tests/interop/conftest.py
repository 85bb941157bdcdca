"""The daemons of the system tests."""

from tests.system.conftest import daemon, directory, make_daemon, nodes, shared_database, shared_dsn

__all__ = ["daemon", "directory", "make_daemon", "nodes", "shared_database", "shared_dsn"]
