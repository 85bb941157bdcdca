-- Appointments: a time at which a client who comes back by the code goes first, with the consultant who gave it.

CREATE TABLE appointments (
    organisation_id text NOT NULL,
    client_id       text NOT NULL,                      -- one at a time
    room_id         text NOT NULL,                      -- in which it was made, or by which it was kept
    consultant_id   text NOT NULL,                      -- no reference: whose account ends, leaves it to the others
    begins_at       timestamptz NOT NULL,
    ends_at         timestamptz NOT NULL,
    kept_at         timestamptz,                        -- since when its client is there
    cancelled_at    timestamptz,                        -- kept until it would have lapsed, for the client to see
    PRIMARY KEY (organisation_id, client_id),
    FOREIGN KEY (organisation_id, client_id) REFERENCES clients ON DELETE CASCADE,
    FOREIGN KEY (organisation_id, room_id) REFERENCES rooms ON DELETE CASCADE,
    CHECK (begins_at < ends_at)
);
CREATE INDEX appointments_of_room ON appointments (organisation_id, room_id);
CREATE INDEX appointments_times ON appointments (ends_at);

-- When the appointment began by which this room is first in the queue; null: it waits as others do.
ALTER TABLE rooms ADD COLUMN appointed_at timestamptz;

-- The wall and the grants, as in 0013.
DO $$
BEGIN
    ALTER TABLE appointments ENABLE ROW LEVEL SECURITY;
    ALTER TABLE appointments FORCE ROW LEVEL SECURITY;
    CREATE POLICY own_organisation ON appointments TO hotline_app USING
        (organisation_id IN (SELECT unnest(string_to_array(current_setting('hotline.organisations', true), ','))));
    EXECUTE format('CREATE POLICY directory ON appointments FOR SELECT TO %I USING (true)', current_user);
    GRANT SELECT, INSERT, UPDATE, DELETE ON appointments TO hotline_app;
END $$;

-- The doorbell: for the clientlist, and for the client's own page.
CREATE FUNCTION ring_appointment() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    it appointments := coalesce(NEW, OLD);
BEGIN
    PERFORM pg_notify('hotline', 'appointment ' || it.organisation_id || ' ' || it.client_id);
    PERFORM pg_notify('hotline', 'room ' || it.organisation_id || ' ' || it.room_id);
    IF TG_OP = 'UPDATE' AND OLD.room_id <> NEW.room_id THEN
        PERFORM pg_notify('hotline', 'room ' || OLD.organisation_id || ' ' || OLD.room_id);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER ring AFTER INSERT OR UPDATE OR DELETE ON appointments FOR EACH ROW EXECUTE FUNCTION ring_appointment();
-- In words of its own for the queue, whatever else becomes of the room.
CREATE TRIGGER ring_appointed AFTER UPDATE OF appointed_at ON rooms FOR EACH ROW
    WHEN (OLD.appointed_at IS DISTINCT FROM NEW.appointed_at) EXECUTE FUNCTION ring_joined();

-- As in 0003, and: all that a client has is kept for as long as it has an appointment, which lapses by itself.
CREATE OR REPLACE FUNCTION expired_at(r rooms, c clients, o organisations) RETURNS timestamptz LANGUAGE sql STABLE AS $$
    SELECT CASE
        WHEN EXISTS (SELECT FROM appointments a WHERE a.organisation_id = c.organisation_id AND a.client_id = c.client_id)
            THEN NULL
        WHEN r.status = 'closed' AND NOT r.left_message THEN r.closed_at + make_interval(hours => o.retention_hours)
        WHEN r.status = 'closed' AND EXISTS (SELECT FROM members m WHERE m.organisation_id = r.organisation_id
                AND m.room_id = r.room_id AND m.member_id = r.client_id AND m.seen_seq >= r.last_seq)
            THEN greatest(r.closed_at, c.seen_at) + make_interval(hours => o.retention_hours)
        WHEN r.status = 'closed'
            THEN r.closed_at + make_interval(hours => greatest(24 * o.message_days, o.retention_hours))
        WHEN r.status = 'waiting' AND r.left_message
            THEN r.entered_at + make_interval(hours => 24 * o.message_days)
    END $$;

-- The directory: appointments whose client may be here already, and those that have lapsed.
CREATE FUNCTION due_appointments(since timestamptz, until timestamptz) RETURNS TABLE (organisation_id text, client_id text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
    SELECT a.organisation_id, a.client_id FROM appointments a JOIN clients c USING (organisation_id, client_id)
    WHERE a.ends_at >= since AND a.begins_at <= until AND a.kept_at IS NULL AND a.cancelled_at IS NULL
        AND c.node IS NOT NULL AND EXISTS (
            SELECT FROM rooms r WHERE r.organisation_id = a.organisation_id AND r.client_id = a.client_id
                AND r.status <> 'closed')
    LIMIT 1000 $$;
CREATE FUNCTION ended_appointments(before timestamptz) RETURNS TABLE (organisation_id text, client_id text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
    SELECT a.organisation_id, a.client_id FROM appointments a WHERE a.ends_at <= before AND NOT EXISTS (
        SELECT FROM rooms r WHERE r.organisation_id = a.organisation_id AND r.room_id = a.room_id
            AND r.status = 'waiting' AND r.appointed_at IS NOT NULL)    -- by which it still is first
    LIMIT 1000 $$;

DO $$
DECLARE
    signature text;
BEGIN
    FOREACH signature IN ARRAY ARRAY[
        'due_appointments(timestamptz, timestamptz)', 'ended_appointments(timestamptz)']
    LOOP
        EXECUTE 'REVOKE EXECUTE ON FUNCTION ' || signature || ' FROM PUBLIC';
        EXECUTE 'GRANT EXECUTE ON FUNCTION ' || signature || ' TO hotline_app';
    END LOOP;
END $$;
