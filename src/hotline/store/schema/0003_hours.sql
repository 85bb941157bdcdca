-- Opening hours and what clients find when nobody is there: intake, places held, left messages, return codes,
-- and the waits that estimates are learnt from.

ALTER TABLE organisations
    ADD COLUMN intake text NOT NULL DEFAULT 'scheduled' CHECK (intake IN ('scheduled', 'paused', 'closed')),
    ADD COLUMN hours jsonb,                             -- {monday: [["09:00", "13:00"], ...], ...}; null: always open
    ADD COLUMN special_days jsonb NOT NULL DEFAULT '[]',    -- [{date, spans, name}]
    ADD COLUMN time_zone text NOT NULL DEFAULT 'UTC',
    ADD COLUMN at_closing text NOT NULL DEFAULT 'serve' CHECK (at_closing IN ('serve', 'dismiss')),
    ADD COLUMN queue_limit integer CHECK (queue_limit > 0),     -- null: no limit
    ADD COLUMN grace_seconds integer NOT NULL DEFAULT 600 CHECK (grace_seconds > 0),
    ADD COLUMN messages_when_closed boolean NOT NULL DEFAULT true,
    ADD COLUMN messages_when_full boolean NOT NULL DEFAULT false,
    ADD COLUMN message_days integer NOT NULL DEFAULT 30 CHECK (message_days > 0),
    ADD COLUMN languages text[] NOT NULL DEFAULT '{en}',        -- the first is what others fall back to
    ADD COLUMN texts jsonb NOT NULL DEFAULT '{}',               -- {language: {key: text}}
    ADD COLUMN elsewhere jsonb NOT NULL DEFAULT '{}',           -- {language: [{name, contact, text}]}
    ADD COLUMN neutral_title boolean NOT NULL DEFAULT false,
    ADD COLUMN exit_url text;
UPDATE organisations SET intake = 'closed' WHERE NOT accepting;
ALTER TABLE organisations DROP COLUMN accepting;

-- A code that brings a client back on any device, hashed; null: none was asked for.
ALTER TABLE clients ADD COLUMN return_hash bytea;
CREATE UNIQUE INDEX clients_return ON clients (organisation_id, return_hash) WHERE return_hash IS NOT NULL;

ALTER TABLE rooms
    ADD COLUMN left_message boolean NOT NULL DEFAULT false,     -- waits for an answer, not in the queue
    ADD COLUMN entered_position integer;                        -- in the queue when it was entered

-- How long the last clients waited: no ids of anybody, no time more exact than the hour.
CREATE TABLE waits (
    organisation_id text NOT NULL REFERENCES organisations ON DELETE CASCADE,
    wait_id         text NOT NULL,
    hour            timestamptz NOT NULL,
    position        integer NOT NULL,
    seconds         integer NOT NULL,
    PRIMARY KEY (organisation_id, wait_id)
);
CREATE INDEX waits_last ON waits (organisation_id, hour DESC);

-- The wall ---------------------------------------------------------------------------------------

ALTER TABLE waits ENABLE ROW LEVEL SECURITY;
ALTER TABLE waits FORCE ROW LEVEL SECURITY;
CREATE POLICY own_organisation ON waits TO hotline_app USING
    (organisation_id = ANY ((SELECT string_to_array(current_setting('hotline.organisations', true), ','))::text[]));
DO $$
BEGIN
    EXECUTE format('CREATE POLICY directory ON waits FOR SELECT TO %I USING (true)', current_user);
END $$;
GRANT SELECT, INSERT, UPDATE, DELETE ON waits TO hotline_app;

-- Whichever way a client's wait ends by being served, it is noted.
CREATE FUNCTION note_wait() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO waits (organisation_id, wait_id, hour, position, seconds)
    VALUES (NEW.organisation_id, gen_random_uuid()::text, date_trunc('hour', NEW.claimed_at),
        NEW.entered_position, greatest(0, extract(epoch FROM NEW.claimed_at - NEW.entered_at)));
    RETURN NULL;
END $$;
CREATE TRIGGER wait AFTER UPDATE OF claimed_at ON rooms FOR EACH ROW
    WHEN (OLD.claimed_at IS NULL AND NEW.claimed_at IS NOT NULL AND NOT NEW.left_message
          AND NEW.entered_position IS NOT NULL)
    EXECUTE FUNCTION note_wait();

-- The doorbell -----------------------------------------------------------------------------------

CREATE OR REPLACE FUNCTION ring_room() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.status = NEW.status AND OLD.served_by IS NOT DISTINCT FROM NEW.served_by
        AND OLD.left_message = NEW.left_message THEN
        RETURN NULL;                                    -- only numbered: the journal rings for that
    END IF;
    IF TG_OP = 'DELETE' THEN
        PERFORM pg_notify('hotline', 'room ' || OLD.organisation_id || ' ' || OLD.room_id);
    ELSE
        PERFORM pg_notify('hotline', 'room ' || NEW.organisation_id || ' ' || NEW.room_id);
    END IF;
    RETURN NULL;
END $$;
DROP TRIGGER ring ON rooms;
CREATE TRIGGER ring AFTER INSERT OR UPDATE OF status, served_by, left_message OR DELETE ON rooms
    FOR EACH ROW EXECUTE FUNCTION ring_room();

-- The directory ----------------------------------------------------------------------------------

DROP FUNCTION abandoned_rooms(timestamptz);
DROP FUNCTION expired_rooms(timestamptz);

-- A place is held for the grace time. Who left a message need not be there: once somebody has begun to
-- answer, the room stays open for as long as an answer waits for its reader.
CREATE FUNCTION abandoned_at(r rooms, c clients, o organisations) RETURNS timestamptz LANGUAGE sql STABLE AS $$
    SELECT CASE
        WHEN NOT r.left_message THEN c.seen_at + make_interval(secs => o.grace_seconds)
        WHEN r.status = 'active' THEN greatest(c.seen_at, r.claimed_at) + make_interval(hours => 24 * o.message_days)
    END $$;

-- Ended conversations are kept for the retention time. An answer to a left message is kept until its client has
-- read it, and then as long; but neither it nor an unanswered message longer than the organisation says.
CREATE FUNCTION expired_at(r rooms, c clients, o organisations) RETURNS timestamptz LANGUAGE sql STABLE AS $$
    SELECT CASE
        WHEN r.status = 'closed' AND NOT r.left_message THEN r.closed_at + make_interval(hours => o.retention_hours)
        WHEN r.status = 'closed' AND EXISTS (SELECT FROM members m WHERE m.organisation_id = r.organisation_id
                AND m.room_id = r.room_id AND m.member_id = r.client_id AND m.seen_seq >= r.last_seq)
            THEN greatest(r.closed_at, c.seen_at) + make_interval(hours => o.retention_hours)
        WHEN r.status = 'closed'
            THEN r.closed_at + make_interval(hours => greatest(24 * o.message_days, o.retention_hours))
        WHEN r.status = 'waiting' AND r.left_message
            THEN r.entered_at + make_interval(hours => 24 * o.message_days)
    END $$;

CREATE FUNCTION abandoned_rooms(now timestamptz) RETURNS TABLE (organisation_id text, room_id text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
    SELECT r.organisation_id, r.room_id
    FROM rooms r JOIN clients c USING (organisation_id, client_id) JOIN organisations o USING (organisation_id)
    WHERE r.status <> 'closed' AND c.node IS NULL AND abandoned_at(r, c, o) < now LIMIT 1000 $$;

CREATE FUNCTION expired_rooms(now timestamptz) RETURNS TABLE (organisation_id text, room_id text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
    SELECT r.organisation_id, r.room_id
    FROM rooms r JOIN clients c USING (organisation_id, client_id) JOIN organisations o USING (organisation_id)
    WHERE (r.status = 'closed' OR r.left_message) AND expired_at(r, c, o) <= now LIMIT 1000 $$;

CREATE FUNCTION organisations_to_dismiss() RETURNS TABLE (organisation_id text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
    SELECT o.organisation_id FROM organisations o WHERE o.at_closing = 'dismiss' AND EXISTS (
        SELECT FROM rooms r WHERE r.organisation_id = o.organisation_id AND r.status = 'waiting' AND NOT r.left_message)
    LIMIT 1000 $$;

CREATE FUNCTION organisations_with_waits(before timestamptz) RETURNS TABLE (organisation_id text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
    SELECT DISTINCT w.organisation_id FROM waits w WHERE w.hour < before LIMIT 1000 $$;

DO $$
DECLARE
    signature text;
BEGIN
    FOREACH signature IN ARRAY ARRAY['abandoned_rooms(timestamptz)', 'expired_rooms(timestamptz)',
        'organisations_to_dismiss()', 'organisations_with_waits(timestamptz)']
    LOOP
        EXECUTE 'REVOKE EXECUTE ON FUNCTION ' || signature || ' FROM PUBLIC';
        EXECUTE 'GRANT EXECUTE ON FUNCTION ' || signature || ' TO hotline_app';
    END LOOP;
END $$;
