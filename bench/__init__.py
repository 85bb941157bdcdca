"""How fast, how frugal: `make bench`, or `python -m bench --help`.

A daemon of its own on one core with its PostgreSQL, a load generator on another, and one table at the end.
Nothing in here is imported by hotline.
"""
