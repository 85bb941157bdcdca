-- Groups: rooms of several clients, opened and led by consultants. A room without a client of its own is one.

ALTER TABLE rooms
    ALTER COLUMN client_id DROP NOT NULL,
    ADD COLUMN muted boolean NOT NULL DEFAULT false,    -- clients read, and only consultants write
    -- A group goes with its organisation, as other rooms go with their clients.
    ADD FOREIGN KEY (organisation_id) REFERENCES organisations ON DELETE CASCADE,
    DROP CONSTRAINT rooms_check,
    ADD CONSTRAINT rooms_active CHECK ((status = 'active' AND client_id IS NOT NULL) = (served_by IS NOT NULL)),
    ADD CONSTRAINT rooms_group CHECK (client_id IS NOT NULL OR (status <> 'waiting' AND NOT left_message));

CREATE TABLE groups (
    organisation_id text NOT NULL,
    room_id         text NOT NULL,
    code_hash       bytea NOT NULL,                     -- whoever has the code may come in
    code            text NOT NULL,                      -- sealed, as name and text are, with the room's key
    name            text NOT NULL,
    text            text NOT NULL,
    opens_at        timestamptz NOT NULL,
    ends_at         timestamptz NOT NULL,
    most_clients    integer NOT NULL CHECK (most_clients > 0),
    listed          boolean NOT NULL,                   -- shown to all who come to the anteroom
    PRIMARY KEY (organisation_id, room_id),
    FOREIGN KEY (organisation_id, room_id) REFERENCES rooms ON DELETE CASCADE,
    CHECK (opens_at < ends_at)
);
CREATE UNIQUE INDEX groups_code ON groups (organisation_id, code_hash) WHERE code_hash IS NOT NULL;

CREATE TABLE group_clients (                            -- who came in, and what keeps out who was removed
    organisation_id text NOT NULL,
    room_id         text NOT NULL,
    client_id       text NOT NULL,                      -- no reference: removed is also who is deleted
    device_hash     bytea,                              -- keyed
    removed         boolean NOT NULL DEFAULT false,
    PRIMARY KEY (organisation_id, room_id, client_id),
    FOREIGN KEY (organisation_id, room_id) REFERENCES groups ON DELETE CASCADE
);
CREATE INDEX group_of_client ON group_clients (organisation_id, client_id) WHERE client_id IS NOT NULL;

-- The wall and the grants, as for every table of 0001_first.sql, with the policy of 0013_many_organisations.sql.
DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['groups', 'group_clients'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format(
            $policy$CREATE POLICY own_organisation ON %I TO hotline_app USING
                (organisation_id IN (SELECT unnest(string_to_array(current_setting('hotline.organisations', true), ','))))
            $policy$, name);
        EXECUTE format('CREATE POLICY directory ON %I FOR SELECT TO %I USING (true)', name, current_user);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO hotline_app', name);
    END LOOP;
END $$;

-- Groups are no part of what is counted of conversations: nobody waits for them, and nobody serves them.
DROP TRIGGER count_new ON rooms;
DROP TRIGGER count_change ON rooms;
CREATE CONSTRAINT TRIGGER count_new AFTER INSERT ON rooms DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.client_id IS NOT NULL) EXECUTE FUNCTION count_room();
CREATE CONSTRAINT TRIGGER count_change AFTER UPDATE OF status, left_message ON rooms DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.client_id IS NOT NULL
        AND (OLD.status <> NEW.status OR OLD.left_message <> NEW.left_message))
    EXECUTE FUNCTION count_room();

-- What is counted of them is how many were held: those that ended, and that a client was in.
CREATE FUNCTION count_group() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM members m WHERE m.organisation_id = NEW.organisation_id AND m.room_id = NEW.room_id
               AND m.role = 'client') THEN
        PERFORM add_count(NEW.organisation_id, NEW.closed_at, 'groups_held', '', 1);
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER count_group AFTER UPDATE OF status ON rooms DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.client_id IS NULL AND OLD.status <> 'closed' AND NEW.status = 'closed')
    EXECUTE FUNCTION count_group();

-- The doorbell: what changes a group rings for the list of groups, and not for the clientlist.
DROP TRIGGER ring ON rooms;
CREATE TRIGGER ring_new AFTER INSERT ON rooms
    FOR EACH ROW WHEN (NEW.client_id IS NOT NULL) EXECUTE FUNCTION ring_room();
CREATE TRIGGER ring_gone AFTER DELETE ON rooms
    FOR EACH ROW WHEN (OLD.client_id IS NOT NULL) EXECUTE FUNCTION ring_room();
CREATE TRIGGER ring AFTER UPDATE OF status, served_by, left_message, priority, risk, vanished_at ON rooms
    FOR EACH ROW WHEN (NEW.client_id IS NOT NULL) EXECUTE FUNCTION ring_room();

CREATE FUNCTION ring_group() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('hotline', 'group ' || coalesce(NEW.organisation_id, OLD.organisation_id));
    RETURN NULL;
END $$;
CREATE TRIGGER ring AFTER INSERT OR UPDATE OR DELETE ON groups FOR EACH ROW EXECUTE FUNCTION ring_group();
CREATE TRIGGER ring_group AFTER UPDATE OF status, muted ON rooms
    FOR EACH ROW WHEN (NEW.client_id IS NULL) EXECUTE FUNCTION ring_group();

-- Who is in a group, or asked in, is on that list, too.
CREATE FUNCTION ring_room_or_group(organisation text, room text) RETURNS void LANGUAGE plpgsql
    SET search_path FROM CURRENT AS $$
BEGIN
    IF EXISTS (SELECT FROM groups g WHERE g.organisation_id = organisation AND g.room_id = room) THEN
        PERFORM pg_notify('hotline', 'group ' || organisation);
    ELSE
        PERFORM pg_notify('hotline', 'room ' || organisation || ' ' || room);
    END IF;
END $$;
CREATE OR REPLACE FUNCTION ring_asked() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        PERFORM ring_room_or_group(OLD.organisation_id, OLD.room_id);
    ELSE
        PERFORM ring_room_or_group(NEW.organisation_id, NEW.room_id);
    END IF;
    RETURN NULL;
END $$;
CREATE OR REPLACE FUNCTION ring_joined() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM ring_room_or_group(NEW.organisation_id, NEW.room_id);
    RETURN NULL;
END $$;
CREATE FUNCTION ring_group_of_client() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM groups g
               WHERE g.organisation_id = NEW.organisation_id AND g.room_id = NEW.room_id) THEN
        PERFORM pg_notify('hotline', 'group ' || NEW.organisation_id);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER ring_client_joined AFTER INSERT ON members FOR EACH ROW
    WHEN (NEW.role = 'client') EXECUTE FUNCTION ring_group_of_client();
CREATE TRIGGER ring_client_left AFTER UPDATE OF left_at ON members FOR EACH ROW
    WHEN (NEW.role = 'client' AND OLD.left_at IS DISTINCT FROM NEW.left_at)
    EXECUTE FUNCTION ring_group_of_client();

-- The directory: work that is due.
CREATE OR REPLACE FUNCTION expired_rooms(now timestamptz) RETURNS TABLE (organisation_id text, room_id text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
    SELECT r.organisation_id, r.room_id
    FROM rooms r LEFT JOIN clients c USING (organisation_id, client_id) JOIN organisations o USING (organisation_id)
    WHERE (r.status = 'closed' OR r.left_message) AND expired_at(r, c, o) <= now LIMIT 1000 $$;

CREATE FUNCTION ended_groups(now timestamptz) RETURNS TABLE (organisation_id text, room_id text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
    SELECT g.organisation_id, g.room_id FROM groups g JOIN rooms r USING (organisation_id, room_id)
    WHERE r.status <> 'closed' AND g.ends_at <= now LIMIT 1000 $$;

-- Whose connection was lost for longer than a place is held.
CREATE FUNCTION absent_from_groups(now timestamptz)
    RETURNS TABLE (organisation_id text, room_id text, client_id text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
    SELECT g.organisation_id, g.room_id, g.client_id
    FROM group_clients g
    JOIN rooms r USING (organisation_id, room_id)
    JOIN members m ON m.organisation_id = g.organisation_id AND m.room_id = g.room_id AND m.member_id = g.client_id
    JOIN clients c ON c.organisation_id = g.organisation_id AND c.client_id = g.client_id
    JOIN organisations o ON o.organisation_id = g.organisation_id
    WHERE r.status <> 'closed' AND m.left_at IS NULL AND c.node IS NULL
        AND c.seen_at + make_interval(secs => o.grace_seconds) < now LIMIT 1000 $$;

-- None of whose consultants is connected, or was just now.
CREATE FUNCTION unled_groups(now timestamptz) RETURNS TABLE (organisation_id text, room_id text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
    SELECT g.organisation_id, g.room_id
    FROM groups g
    JOIN rooms r USING (organisation_id, room_id)
    JOIN organisations o USING (organisation_id)
    JOIN members m USING (organisation_id, room_id)
    JOIN consultants k ON k.organisation_id = m.organisation_id AND k.consultant_id = m.member_id
    WHERE r.status <> 'closed' AND NOT r.muted AND g.opens_at <= now AND o.vanished_seconds > 0
        AND m.left_at IS NULL
    GROUP BY g.organisation_id, g.room_id, o.vanished_seconds
    HAVING NOT bool_or(k.node IS NOT NULL
        OR greatest(k.seen_at, m.joined_at) >= now - make_interval(secs => o.vanished_seconds)) LIMIT 1000 $$;

DO $$
DECLARE
    signature text;
BEGIN
    FOREACH signature IN ARRAY ARRAY[
        'ended_groups(timestamptz)', 'absent_from_groups(timestamptz)', 'unled_groups(timestamptz)']
    LOOP
        EXECUTE 'REVOKE EXECUTE ON FUNCTION ' || signature || ' FROM PUBLIC';
        EXECUTE 'GRANT EXECUTE ON FUNCTION ' || signature || ' TO hotline_app';
    END LOOP;
END $$;
