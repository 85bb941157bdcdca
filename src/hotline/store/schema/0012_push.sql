-- Web push: where consultants want to be called when no page of theirs is open, and who is to be called now.

CREATE TABLE push_subscriptions (
    organisation_id text NOT NULL,
    endpoint_hash   bytea NOT NULL,                     -- one browser belongs to whoever subscribed in it last
    consultant_id   text NOT NULL,
    endpoint        text NOT NULL,
    p256dh          bytea NOT NULL,
    auth            bytea NOT NULL,
    created_at      timestamptz NOT NULL,
    failures        integer NOT NULL DEFAULT 0,         -- in a row
    PRIMARY KEY (organisation_id, endpoint_hash),
    FOREIGN KEY (organisation_id, consultant_id) REFERENCES consultants ON DELETE CASCADE
);
CREATE INDEX push_subscriptions_of_consultant ON push_subscriptions (organisation_id, consultant_id);

CREATE TABLE pushes (                                   -- one row a person: what comes together is one call
    organisation_id text NOT NULL,
    consultant_id   text NOT NULL,
    due_at          timestamptz,                        -- null: nothing to tell
    is_test         boolean NOT NULL DEFAULT false,
    sent_at         timestamptz,                        -- the last one
    PRIMARY KEY (organisation_id, consultant_id),
    FOREIGN KEY (organisation_id, consultant_id) REFERENCES consultants ON DELETE CASCADE
);
CREATE INDEX pushes_due ON pushes (due_at) WHERE due_at IS NOT NULL;

-- The wall and the grants, as for every table of 0001_first.sql.
DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['push_subscriptions', 'pushes'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format(
            $policy$CREATE POLICY own_organisation ON %I TO hotline_app USING
                (organisation_id = ANY ((SELECT string_to_array(current_setting('hotline.organisations', true), ','))::text[]))
            $policy$, name);
        EXECUTE format('CREATE POLICY directory ON %I FOR SELECT TO %I USING (true)', name, current_user);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO hotline_app', name);
    END LOOP;
END $$;

-- Whoever begins to wait, and for whatever reason: those who are here without a page are to be called. In the
-- order of their ids, because two clients who come at once want the same rows.
CREATE FUNCTION call_consultants() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO pushes AS p (organisation_id, consultant_id, due_at)
    SELECT c.organisation_id, c.consultant_id, '-infinity' FROM consultants c
    WHERE c.organisation_id = NEW.organisation_id AND c.node IS NULL AND c.presence = 'here' AND EXISTS (
        SELECT FROM push_subscriptions s
        WHERE s.organisation_id = c.organisation_id AND s.consultant_id = c.consultant_id)
    ORDER BY c.consultant_id
    ON CONFLICT (organisation_id, consultant_id) DO UPDATE SET due_at = '-infinity';
    RETURN NULL;
END $$;
-- At the commit, as counts are: nobody holds the rows longer than that.
CREATE CONSTRAINT TRIGGER call_new AFTER INSERT ON rooms DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.status = 'waiting' AND NOT NEW.left_message) EXECUTE FUNCTION call_consultants();
CREATE CONSTRAINT TRIGGER call_again AFTER UPDATE OF status, left_message ON rooms DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.status = 'waiting' AND NOT NEW.left_message
        AND (OLD.status <> 'waiting' OR OLD.left_message)) EXECUTE FUNCTION call_consultants();

-- The doorbell.
CREATE FUNCTION ring_push() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('hotline', 'push ' || NEW.organisation_id || ' ' || NEW.consultant_id);
    RETURN NULL;
END $$;
CREATE TRIGGER ring AFTER INSERT OR UPDATE OF due_at ON pushes FOR EACH ROW
    WHEN (NEW.due_at = '-infinity') EXECUTE FUNCTION ring_push();

-- The directory: work that is due.
CREATE FUNCTION due_pushes(now timestamptz) RETURNS TABLE (organisation_id text, consultant_id text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
    SELECT p.organisation_id, p.consultant_id FROM pushes p WHERE p.due_at <= now ORDER BY p.due_at LIMIT 100 $$;

-- Whose client has written since they went, and since they were last called; they have not been called for that.
CREATE FUNCTION unheard_consultants() RETURNS TABLE (organisation_id text, consultant_id text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
    SELECT DISTINCT c.organisation_id, c.consultant_id
    FROM push_subscriptions s JOIN consultants c USING (organisation_id, consultant_id)
    JOIN rooms r ON r.organisation_id = c.organisation_id AND r.served_by = c.consultant_id AND r.status = 'active'
    JOIN messages m ON m.organisation_id = r.organisation_id AND m.room_id = r.room_id AND m.seq = r.last_seq
    LEFT JOIN pushes p ON p.organisation_id = c.organisation_id AND p.consultant_id = c.consultant_id
    WHERE c.node IS NULL AND c.presence = 'here' AND m.sender_role = 'client'
        AND m.at > greatest(c.seen_at, p.sent_at) AND p.due_at IS NULL LIMIT 1000 $$;

DO $$
DECLARE
    signature text;
BEGIN
    FOREACH signature IN ARRAY ARRAY['due_pushes(timestamptz)', 'unheard_consultants()'] LOOP
        EXECUTE 'REVOKE EXECUTE ON FUNCTION ' || signature || ' FROM PUBLIC';
        EXECUTE 'GRANT EXECUTE ON FUNCTION ' || signature || ' TO hotline_app';
    END LOOP;
END $$;
