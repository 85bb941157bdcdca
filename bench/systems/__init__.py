"""The systems under test: one module each knows how to install, start, fill and stop one."""
