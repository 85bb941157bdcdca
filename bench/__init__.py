"""How fast, how frugal, beside others: `make bench`, or `python -m bench --help`.

Each system with its PostgreSQL runs on one core, the load generator on another; docs/performance.md has the
method and the last full result. Nothing in here is imported by hotline.
"""
