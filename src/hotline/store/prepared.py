"""Statements that are planned once a connection, for where planning costs more than running.

In comes SQL with the types of its parameters, out come the texts that prepare and run it. Runs nothing: that
is for `database`.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """One of them; its name is its own in the whole of a connection."""

    name: str
    preparation: str
    execution: str


def prepared(name: str, sql: str, **types: str) -> Prepared:
    """:param types: of all of its parameters, by their names."""
    numbers = {each: f"${number}" for number, each in enumerate(types, 1)}
    return Prepared(
        name=name,
        preparation=f"PREPARE {name} ({', '.join(types.values())}) AS {sql % numbers}",
        execution=f"EXECUTE {name} ({', '.join(f'%({each})s' for each in types)})",
    )


# The plan is kept, perhaps from a time at which the tables were empty: so there is one way only to look for
# rows, by an index and in its order.
ALLOW = prepared(
    "allow_alone",
    """
SELECT set_config('hotline.organisations', %(hotline_organisations)s, true),
    set_config('plan_cache_mode', 'force_generic_plan', true), set_config('enable_seqscan', 'off', true),
    set_config('enable_bitmapscan', 'off', true)
""",
    hotline_organisations="text",
)
"""Goes before a prepared statement that is a transaction of its own: whose rows it may see."""
