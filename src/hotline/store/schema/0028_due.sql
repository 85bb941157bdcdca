-- What has run its time is asked by the application's role now, for all organisations at once: in order, and past
-- what failed before. The functions that gave it out for the directory go, as do those nobody asked any more.

DROP FUNCTION lost_clients(timestamptz);
DROP FUNCTION lost_consultants(timestamptz);
DROP FUNCTION abandoned_rooms(timestamptz);
DROP FUNCTION vanished_rooms(timestamptz);
DROP FUNCTION expired_rooms(timestamptz);
DROP FUNCTION expired_surveys(timestamptz);
DROP FUNCTION expired_logins(timestamptz, timestamptz);
DROP FUNCTION expired_tokens(timestamptz);
DROP FUNCTION ended_blocks(timestamptz);
DROP FUNCTION ended_groups(timestamptz);
DROP FUNCTION unled_groups(timestamptz);
DROP FUNCTION absent_from_groups(timestamptz);
DROP FUNCTION due_appointments(timestamptz, timestamptz);
DROP FUNCTION ended_appointments(timestamptz);
DROP FUNCTION organisations_to_dismiss();
DROP FUNCTION organisations_with_waits(timestamptz);
DROP FUNCTION organisations_with_old_audit(timestamptz);

-- As in 0025, without looking into other tables: for each of many rooms that takes far too long. Whether there is
-- an appointment, and whether its client has read all (null: no), is asked where this is.
DROP FUNCTION expired_at(rooms, clients, organisations);
CREATE FUNCTION expired_at(r rooms, c clients, o organisations, is_read boolean) RETURNS timestamptz
    LANGUAGE sql STABLE AS $$
    SELECT CASE
        WHEN r.status = 'closed' AND NOT r.left_message THEN r.closed_at + make_interval(hours => o.retention_hours)
        WHEN r.status = 'closed' AND is_read
            THEN greatest(r.closed_at, c.seen_at) + make_interval(hours => o.retention_hours)
        WHEN r.status = 'closed'
            THEN r.closed_at + make_interval(hours => greatest(24 * o.message_days, o.retention_hours))
        WHEN r.status = 'waiting' AND r.left_message
            THEN r.entered_at + make_interval(hours => 24 * o.message_days)
    END $$;

-- All of them: those nobody can be given to just now stay on the list, and are not to keep others from it.
CREATE OR REPLACE FUNCTION organisations_to_assign() RETURNS TABLE (organisation_id text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
    SELECT o.organisation_id FROM organisations o WHERE o.automatic_assignment AND EXISTS (
        SELECT FROM rooms r WHERE r.organisation_id = o.organisation_id AND r.status = 'waiting' AND NOT r.left_message)
    $$;

-- The doorbell: that a client has got a code rings for the clientlist. Who just comes has no room yet that could
-- be told about.
CREATE FUNCTION ring_code() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM rooms r WHERE r.organisation_id = NEW.organisation_id AND r.client_id = NEW.client_id) THEN
        PERFORM pg_notify('hotline', 'client ' || NEW.organisation_id || ' ' || NEW.client_id);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER ring_code AFTER UPDATE OF return_hash ON clients FOR EACH ROW
    WHEN (OLD.return_hash IS NULL AND NEW.return_hash IS NOT NULL) EXECUTE FUNCTION ring_code();
