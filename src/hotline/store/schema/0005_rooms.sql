-- What consultants do in and with rooms: urgency, handing over, notes, drafts, correcting what was said.

ALTER TABLE organisations
    ADD COLUMN rooms_per_consultant integer NOT NULL DEFAULT 3 CHECK (rooms_per_consultant BETWEEN 0 AND 100),
    ADD COLUMN vanished_seconds     integer NOT NULL DEFAULT 120
        CHECK (vanished_seconds = 0 OR vanished_seconds BETWEEN 30 AND 3600);

ALTER TABLE rooms
    ADD COLUMN topic       text,                        -- what the client wants to talk about, in a few words
    ADD COLUMN served_at   timestamptz,                 -- since when served_by serves
    ADD COLUMN vanished_at timestamptz;                 -- waits again because its consultant vanished
UPDATE rooms SET served_at = claimed_at WHERE status = 'active';
-- One consultant's rooms are counted at each claim; closed ones are listed newest first.
CREATE INDEX rooms_served ON rooms (organisation_id, served_by) WHERE status = 'active';
CREATE INDEX rooms_closed_last ON rooms (organisation_id, closed_at, room_id) WHERE status = 'closed';

ALTER TABLE members
    ADD COLUMN delivered_seq bigint NOT NULL DEFAULT 0;
UPDATE members SET delivered_seq = seen_seq WHERE seen_seq > 0;

ALTER TABLE messages
    ADD COLUMN of_seq    bigint,                        -- what an entry of kind edited or withdrawn is about
    ADD COLUMN edited    boolean NOT NULL DEFAULT false,
    ADD COLUMN withdrawn boolean NOT NULL DEFAULT false;

CREATE TABLE asked (                                    -- consultants who were asked into a room
    organisation_id text NOT NULL,
    room_id         text NOT NULL,
    consultant_id   text NOT NULL,
    asked_at        timestamptz NOT NULL,
    PRIMARY KEY (organisation_id, room_id, consultant_id),
    FOREIGN KEY (organisation_id, room_id) REFERENCES rooms ON DELETE CASCADE,
    FOREIGN KEY (organisation_id, consultant_id) REFERENCES consultants ON DELETE CASCADE
);
CREATE INDEX asked_of_consultant ON asked (organisation_id, consultant_id);

CREATE TABLE notes (                                    -- what consultants write for each other; no client reads this
    organisation_id text NOT NULL,
    room_id         text NOT NULL,
    seq             bigint NOT NULL,                    -- the notes' own: 1, 2, 3 ... in each room
    at              timestamptz NOT NULL,
    kind            text NOT NULL CHECK (kind IN ('note', 'handover', 'ask')),
    text            text NOT NULL,
    author_id       text NOT NULL,
    author_name     text NOT NULL,                      -- as it was when it was written
    author_role     text NOT NULL,
    nonce           text,
    PRIMARY KEY (organisation_id, room_id, seq),
    FOREIGN KEY (organisation_id, room_id) REFERENCES rooms ON DELETE CASCADE
);
CREATE UNIQUE INDEX notes_nonce ON notes (nonce, author_id, room_id, organisation_id);

CREATE TABLE drafts (                                   -- what a consultant has not sent yet
    organisation_id text NOT NULL,
    consultant_id   text NOT NULL,
    room_id         text NOT NULL,
    text            text NOT NULL,
    at              timestamptz NOT NULL,
    PRIMARY KEY (organisation_id, consultant_id, room_id),
    FOREIGN KEY (organisation_id, consultant_id) REFERENCES consultants ON DELETE CASCADE,
    FOREIGN KEY (organisation_id, room_id) REFERENCES rooms ON DELETE CASCADE
);
CREATE INDEX drafts_of_room ON drafts (organisation_id, room_id);

-- The wall, as in 0001.
DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['asked', 'notes', 'drafts']
    LOOP
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

-- The doorbell. A room also rings when its order in the queue changes, and for whoever serves it no more or now.
CREATE OR REPLACE FUNCTION ring_room() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        PERFORM pg_notify('hotline', 'room ' || OLD.organisation_id || ' ' || OLD.room_id);
        RETURN NULL;
    END IF;
    IF TG_OP = 'UPDATE' THEN
        IF OLD.served_by IS DISTINCT FROM NEW.served_by THEN
            PERFORM pg_notify('hotline', 'consultant ' || NEW.organisation_id || ' ' || person)
            FROM unnest(ARRAY[OLD.served_by, NEW.served_by]) AS person WHERE person IS NOT NULL;
        ELSIF (OLD.status, OLD.left_message, OLD.priority, OLD.risk, OLD.vanished_at)
                IS NOT DISTINCT FROM (NEW.status, NEW.left_message, NEW.priority, NEW.risk, NEW.vanished_at) THEN
            RETURN NULL;                                -- only numbered: the journal rings for that
        END IF;
    END IF;
    PERFORM pg_notify('hotline', 'room ' || NEW.organisation_id || ' ' || NEW.room_id);
    RETURN NULL;
END $$;
DROP TRIGGER ring ON rooms;
CREATE TRIGGER ring AFTER INSERT OR DELETE
    OR UPDATE OF status, served_by, left_message, priority, risk, vanished_at ON rooms
    FOR EACH ROW EXECUTE FUNCTION ring_room();

CREATE FUNCTION ring_asked() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        PERFORM pg_notify('hotline', 'room ' || OLD.organisation_id || ' ' || OLD.room_id);
    ELSE
        PERFORM pg_notify('hotline', 'room ' || NEW.organisation_id || ' ' || NEW.room_id);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER ring AFTER INSERT OR DELETE ON asked FOR EACH ROW EXECUTE FUNCTION ring_asked();

-- Who is in a room is on the clientlist, too.
CREATE FUNCTION ring_joined() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('hotline', 'room ' || NEW.organisation_id || ' ' || NEW.room_id);
    RETURN NULL;
END $$;
CREATE TRIGGER ring_joined AFTER INSERT ON members FOR EACH ROW
    WHEN (NEW.role = 'consultant') EXECUTE FUNCTION ring_joined();
CREATE TRIGGER ring_left AFTER UPDATE OF left_at ON members FOR EACH ROW
    WHEN (NEW.role = 'consultant' AND OLD.left_at IS DISTINCT FROM NEW.left_at) EXECUTE FUNCTION ring_joined();

CREATE FUNCTION ring_note() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('hotline', 'note ' || NEW.organisation_id || ' ' || NEW.room_id || ' ' || NEW.seq);
    RETURN NULL;
END $$;
CREATE TRIGGER ring AFTER INSERT ON notes FOR EACH ROW EXECUTE FUNCTION ring_note();

CREATE FUNCTION ring_draft() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        PERFORM pg_notify('hotline', 'draft ' || OLD.organisation_id || ' ' || OLD.consultant_id || ' ' || OLD.room_id);
    ELSE
        PERFORM pg_notify('hotline', 'draft ' || NEW.organisation_id || ' ' || NEW.consultant_id || ' ' || NEW.room_id);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER ring AFTER INSERT OR UPDATE OR DELETE ON drafts FOR EACH ROW EXECUTE FUNCTION ring_draft();

-- The directory: work that is due.
CREATE FUNCTION vanished_rooms(now timestamptz) RETURNS TABLE (organisation_id text, room_id text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
    SELECT r.organisation_id, r.room_id FROM rooms r
    JOIN organisations o USING (organisation_id)
    JOIN consultants c ON c.organisation_id = r.organisation_id AND c.consultant_id = r.served_by
    WHERE r.status = 'active' AND NOT r.left_message AND o.vanished_seconds > 0 AND c.node IS NULL
        AND greatest(c.seen_at, r.served_at) < now - make_interval(secs => o.vanished_seconds) LIMIT 1000 $$;
REVOKE EXECUTE ON FUNCTION vanished_rooms(timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION vanished_rooms(timestamptz) TO hotline_app;
