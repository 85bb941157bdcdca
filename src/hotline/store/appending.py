"""How a group of entries is stored: in one round trip, at the numbers foreseen, or in two, under locks.

SQL and nothing else. In come arrays, with a place for each entry; out come rows in the same order. What is
stored rings; nothing is stored under another number than the one that its text is sealed for.
"""

from __future__ import annotations

_LOCK = """
SELECT FROM (SELECT DISTINCT * FROM unnest(%(organisations)s::text[], %(rooms)s::text[])
        AS e (organisation_id, room_id) ORDER BY 1, 2) e,
    LATERAL (SELECT FROM rooms WHERE organisation_id = e.organisation_id AND room_id = e.room_id
        FOR NO KEY UPDATE OFFSET 0) r"""
# The plan is made while tables may be empty and has to be right later, so there is one way only for each
# look: LATERAL and OFFSET 0 make it one per entry, all other indexes of rooms and members are partial, and
# the room in the look for the nonce is compared in a way the history's index cannot serve.
_KNOWN = """known AS (
    SELECT e.*, r.tid, r.status, r.last_seq, b.member_id IS NOT NULL AS is_member,
        m.seq AS known_seq, m.at AS known_at, m.kind AS known_kind, m.text AS known_text,
        m.sender_role AS known_role, m.edited OR m.withdrawn AS is_corrected,
        r.muted AND b.role = 'client' AS is_muted,
        b.member_id IS NOT NULL AND r.status <> 'closed' AND m.seq IS NULL
            AND NOT (r.muted AND b.role = 'client') AS is_new
    FROM entry e
    LEFT JOIN LATERAL (SELECT ctid AS tid, status, last_seq, muted FROM rooms
        WHERE organisation_id = e.organisation_id AND room_id = e.room_id OFFSET 0) r ON true
    LEFT JOIN LATERAL (SELECT member_id, role FROM members WHERE organisation_id = e.organisation_id
        AND room_id = e.room_id AND member_id = e.sender_id AND left_at IS NULL OFFSET 0) b ON true
    LEFT JOIN LATERAL (SELECT seq, at, kind, text, sender_role, edited, withdrawn FROM messages
        WHERE organisation_id = e.organisation_id AND coalesce(room_id, '') = e.room_id
        AND sender_id = e.sender_id AND nonce = e.nonce OFFSET 0) m ON true)"""
_COLUMNS = """status, is_member, is_muted, known_seq, known_at, known_kind, known_text, known_role,
    is_corrected"""
_STORED = """stored AS (
    INSERT INTO messages
        (organisation_id, room_id, seq, at, kind, text, sender_id, sender_role, nonce)
    SELECT organisation_id, room_id, seq, %(now)s, 'message', text, sender_id, sender_role, nonce
    FROM judged WHERE seq IS NOT NULL),
counted AS (
    UPDATE rooms r SET last_seq = f.seq
    FROM (SELECT tid, max(seq) AS seq FROM judged WHERE seq IS NOT NULL GROUP BY 1) f WHERE r.ctid = f.tid),
rung AS (
    SELECT pg_notify('hotline', concat('messages ', %(node)s, ' ',
        string_agg(concat(organisation_id, '/', room_id, ':', seq), ' ' ORDER BY place))) AS bell
    FROM judged WHERE seq IS NOT NULL HAVING count(*) > 0
    UNION ALL
    SELECT pg_notify('hotline', concat('room ', organisation_id, ' ', room_id)) FROM judged
    WHERE seq IS NOT NULL AND status = 'waiting' GROUP BY organisation_id, room_id)"""
# Numbers foreseen grow from entry to entry of a room, and may be too high where one before was not new. So if
# the first one is not too low, one that is right has nothing but right ones before it.
_APPEND = f"""
WITH entry AS (
    SELECT * FROM unnest(%(organisations)s, %(rooms)s, %(texts)s, %(sender_ids)s, %(sender_roles)s,
        %(nonces)s, %(seqs)s) WITH ORDINALITY
        AS e (organisation_id, room_id, text, sender_id, sender_role, nonce, foreseen, place)),
{_KNOWN},
judged AS MATERIALIZED (
    SELECT k.*, CASE WHEN is_new AND foreseen = last_seq + row_number() OVER earlier
        AND first_value(foreseen) OVER earlier > last_seq THEN foreseen END AS seq
    FROM known k WINDOW earlier AS (PARTITION BY tid, is_new ORDER BY place)),
{_STORED}
SELECT {_COLUMNS}, seq, CASE WHEN is_new AND seq IS NULL THEN last_seq END AS last_seq,
    (SELECT count(bell) FROM rung) AS rings
FROM judged ORDER BY place
"""
_PARAMETERS = {
    "organisations": "text[]",
    "rooms": "text[]",
    "texts": "text[]",
    "sender_ids": "text[]",
    "sender_roles": "text[]",
    "nonces": "text[]",
    "seqs": "bigint[]",
    "now": "timestamptz",
    "node": "text",
}
_NUMBERS = {name: f"${number}" for number, name in enumerate(_PARAMETERS, 1)}

# Planned once a connection: planning costs three times what running does. Rooms, once locked, stay where they
# are: they are counted up by their place in the table, which without this random_page_cost is taken for dear
# while there are few rooms.
PREPARE = f"""
SET plan_cache_mode = force_generic_plan;
SET random_page_cost = 0;
SET enable_seqscan = off;
SET enable_hashjoin = off;
SET enable_mergejoin = off;
PREPARE allow (text) AS SELECT set_config('hotline.organisations', $1, true);
PREPARE lock_rooms (text[], text[]) AS {_LOCK % _NUMBERS};
PREPARE append ({", ".join(_PARAMETERS.values())}) AS {_APPEND % _NUMBERS}
"""
# All in one round trip and one transaction. The locks are taken first and in order, so that the last
# statement's snapshot sees all that was committed before it got them. Of what was foreseen wrongly, and not
# stored, it tells how far the room was.
APPEND = f"""
EXECUTE allow (%(allowed)s);
EXECUTE lock_rooms (%(organisations)s, %(rooms)s);
EXECUTE append ({", ".join(f"%({name})s" for name in _PARAMETERS)})
"""
# The other way: first the locks, and what is known under them.
LOOK = f"""
{_LOCK};
WITH entry AS (
    SELECT * FROM unnest(%(organisations)s::text[], %(rooms)s::text[], %(sender_ids)s::text[],
        %(nonces)s::text[]) WITH ORDINALITY AS e (organisation_id, room_id, sender_id, nonce, place)),
{_KNOWN}
SELECT {_COLUMNS}, is_new, last_seq FROM known ORDER BY place
"""
# And then what was found to be new, under the same locks.
STORE = f"""
WITH judged AS MATERIALIZED (
    SELECT e.*, r.tid, r.status
    FROM unnest(%(organisations)s::text[], %(rooms)s::text[], %(texts)s::text[], %(sender_ids)s::text[],
        %(sender_roles)s::text[], %(nonces)s::text[], %(seqs)s::bigint[]) WITH ORDINALITY
        AS e (organisation_id, room_id, text, sender_id, sender_role, nonce, seq, place)
    LEFT JOIN LATERAL (SELECT ctid AS tid, status FROM rooms
        WHERE organisation_id = e.organisation_id AND room_id = e.room_id OFFSET 0) r ON true),
{_STORED}
SELECT count(bell) FROM rung
"""
