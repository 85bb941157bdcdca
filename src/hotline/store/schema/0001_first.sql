-- The first schema. Applied by the owner role, used by the role hotline_app.
--
-- Every table carries organisation_id in its key, and row-level security is on and forced: a
-- transaction sees and writes only rows of the organisations it names in the setting
-- hotline.organisations (comma separated, set for the transaction alone). What must be found before the
-- organisation is known (a login's cookie, an email address, a one-time link, work that is due) is found
-- by the functions at the end, which run as the owner and give out ids, never content.
-- (The policy's sub-select makes PostgreSQL read the setting once a statement, not once a row.)

DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'hotline_app') THEN
        CREATE ROLE hotline_app NOLOGIN NOSUPERUSER NOBYPASSRLS;
    END IF;
    -- Whoever made a role is a member of it from PostgreSQL 16 on, and yet may not take it on without this.
    EXECUTE format('GRANT hotline_app TO %I', current_user);
EXCEPTION WHEN insufficient_privilege THEN
    IF NOT pg_has_role(current_user, 'hotline_app', 'MEMBER') THEN
        RAISE;
    END IF;
END $$;

CREATE TABLE organisations (
    organisation_id text PRIMARY KEY,
    slug            text NOT NULL UNIQUE,
    name            text NOT NULL,
    accepting       boolean NOT NULL DEFAULT true,      -- whether new clients may enter
    questions       jsonb NOT NULL,                     -- [{name, label, kind, required, choices?}]
    colours         jsonb NOT NULL DEFAULT '{}',        -- {token: "#rrggbb"}
    allowed_sites   text[] NOT NULL DEFAULT '{}',       -- origins that may embed the anteroom; empty: any
    retention_hours integer NOT NULL DEFAULT 48 CHECK (retention_hours BETWEEN 0 AND 2160),
    created_at      timestamptz NOT NULL
);

CREATE TABLE consultants (
    organisation_id text NOT NULL REFERENCES organisations ON DELETE CASCADE,
    consultant_id   text NOT NULL,
    name            text NOT NULL,
    email           text NOT NULL UNIQUE,               -- lower case
    role            text NOT NULL CHECK (role IN ('manager', 'staff')),
    password        text NOT NULL,                      -- scheme$hash
    presence        text NOT NULL DEFAULT 'here' CHECK (presence IN ('here', 'busy', 'away')),
    node            text,                               -- which node has a session of theirs; null: none
    seen_at         timestamptz,
    created_at      timestamptz NOT NULL,
    PRIMARY KEY (organisation_id, consultant_id)
);

CREATE TABLE logins (
    organisation_id text NOT NULL,
    login_id        text NOT NULL,
    consultant_id   text NOT NULL,
    token_hash      bytea NOT NULL UNIQUE,
    created_at      timestamptz NOT NULL,
    seen_at         timestamptz NOT NULL,
    expires_at      timestamptz NOT NULL,
    PRIMARY KEY (organisation_id, login_id),
    FOREIGN KEY (organisation_id, consultant_id) REFERENCES consultants ON DELETE CASCADE
);
CREATE INDEX logins_of_consultant ON logins (organisation_id, consultant_id);

CREATE TABLE tickets (
    organisation_id text NOT NULL,
    ticket_hash     bytea NOT NULL,
    consultant_id   text NOT NULL,
    login_id        text NOT NULL,
    expires_at      timestamptz NOT NULL,
    PRIMARY KEY (organisation_id, ticket_hash),
    FOREIGN KEY (organisation_id, login_id) REFERENCES logins ON DELETE CASCADE,
    FOREIGN KEY (organisation_id, consultant_id) REFERENCES consultants ON DELETE CASCADE
);

CREATE TABLE tokens (
    organisation_id text NOT NULL,
    token_id        text NOT NULL,
    consultant_id   text NOT NULL,
    name            text NOT NULL,
    secret_hash     bytea NOT NULL,
    created_at      timestamptz NOT NULL,
    used_at         timestamptz,
    PRIMARY KEY (organisation_id, token_id),
    UNIQUE (organisation_id, name),
    FOREIGN KEY (organisation_id, consultant_id) REFERENCES consultants ON DELETE CASCADE
);

CREATE TABLE invitations (
    organisation_id text NOT NULL REFERENCES organisations ON DELETE CASCADE,
    invitation_id   text NOT NULL,
    token_hash      bytea NOT NULL UNIQUE,
    email           text NOT NULL,
    role            text NOT NULL CHECK (role IN ('manager', 'staff')),
    invited_by      text NOT NULL,
    created_at      timestamptz NOT NULL,
    expires_at      timestamptz NOT NULL,
    PRIMARY KEY (organisation_id, invitation_id)
);

CREATE TABLE resets (
    organisation_id text NOT NULL,
    reset_id        text NOT NULL,
    consultant_id   text NOT NULL,
    token_hash      bytea NOT NULL UNIQUE,
    expires_at      timestamptz NOT NULL,
    PRIMARY KEY (organisation_id, reset_id),
    FOREIGN KEY (organisation_id, consultant_id) REFERENCES consultants ON DELETE CASCADE
);

CREATE TABLE mails (                                    -- what waits to be sent
    organisation_id text NOT NULL REFERENCES organisations ON DELETE CASCADE,
    mail_id         text NOT NULL,
    recipient       text NOT NULL,
    subject         text NOT NULL,
    body            text NOT NULL,
    attempts        integer NOT NULL DEFAULT 0,
    due_at          timestamptz NOT NULL,
    PRIMARY KEY (organisation_id, mail_id)
);
CREATE INDEX mails_due ON mails (due_at);

CREATE TABLE clients (
    organisation_id text NOT NULL REFERENCES organisations ON DELETE CASCADE,
    client_id       text NOT NULL,
    key_hash        bytea NOT NULL,
    name            text NOT NULL,
    language        text,
    answers         jsonb NOT NULL,
    entered_at      timestamptz NOT NULL,
    node            text,                               -- which node has a session of theirs; null: none
    seen_at         timestamptz NOT NULL,               -- last known to be connected
    PRIMARY KEY (organisation_id, client_id)
);
CREATE INDEX clients_seen ON clients (seen_at);

CREATE TABLE rooms (
    organisation_id text NOT NULL,
    room_id         text NOT NULL,
    client_id       text NOT NULL,
    status          text NOT NULL DEFAULT 'waiting' CHECK (status IN ('waiting', 'active', 'closed')),
    last_seq        bigint NOT NULL DEFAULT 0,
    entered_at      timestamptz NOT NULL,
    claimed_at      timestamptz,
    closed_at       timestamptz,
    served_by       text,
    note            text,                               -- travels with a hand-over, for consultants only
    PRIMARY KEY (organisation_id, room_id),
    FOREIGN KEY (organisation_id, client_id) REFERENCES clients ON DELETE CASCADE,
    CHECK ((status = 'active') = (served_by IS NOT NULL)),
    CHECK ((status = 'closed') = (closed_at IS NOT NULL))
) WITH (fillfactor = 70);
CREATE INDEX rooms_open ON rooms (organisation_id, entered_at) WHERE status <> 'closed';
CREATE INDEX rooms_of_client ON rooms (organisation_id, client_id);
CREATE INDEX rooms_closed ON rooms (closed_at) WHERE status = 'closed';

CREATE TABLE members (                                  -- who is or was in a room
    organisation_id text NOT NULL,
    room_id         text NOT NULL,
    member_id       text NOT NULL,                      -- a client_id or a consultant_id
    role            text NOT NULL CHECK (role IN ('client', 'consultant')),
    seen_seq        bigint NOT NULL DEFAULT 0,
    joined_at       timestamptz NOT NULL,
    left_at         timestamptz,
    PRIMARY KEY (organisation_id, room_id, member_id),
    FOREIGN KEY (organisation_id, room_id) REFERENCES rooms ON DELETE CASCADE
);
CREATE INDEX rooms_of_member ON members (organisation_id, member_id);

CREATE TABLE messages (
    organisation_id text NOT NULL,
    room_id         text NOT NULL,
    seq             bigint NOT NULL,
    at              timestamptz NOT NULL,
    kind            text NOT NULL,
    text            text NOT NULL,
    sender_id       text NOT NULL,
    sender_name     text NOT NULL,                      -- as it was when it was sent
    sender_role     text NOT NULL,
    nonce           text,
    PRIMARY KEY (organisation_id, room_id, seq),
    FOREIGN KEY (organisation_id, room_id) REFERENCES rooms ON DELETE CASCADE
);
-- Begins with the nonce, so that it can never be taken for the history's order.
CREATE UNIQUE INDEX messages_nonce ON messages (nonce, sender_id, room_id, organisation_id);

-- The wall ---------------------------------------------------------------------------------------

DO $$
DECLARE
    name text;
BEGIN
    FOR name IN
        SELECT c.table_name FROM information_schema.columns c
        JOIN information_schema.tables t USING (table_schema, table_name)
        WHERE c.table_schema = current_schema() AND c.column_name = 'organisation_id'
          AND t.table_type = 'BASE TABLE'
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

-- The doorbell -------------------------------------------------------------------------------------
-- Rings with a kind, the organisation and an id; whoever has sessions of that organisation reads the row.

CREATE FUNCTION ring_room() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.status = NEW.status AND OLD.served_by IS NOT DISTINCT FROM NEW.served_by THEN
        RETURN NULL;                                    -- only numbered: the journal rings for that
    END IF;
    IF TG_OP = 'DELETE' THEN
        PERFORM pg_notify('hotline', 'room ' || OLD.organisation_id || ' ' || OLD.room_id);
    ELSE
        PERFORM pg_notify('hotline', 'room ' || NEW.organisation_id || ' ' || NEW.room_id);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER ring AFTER INSERT OR UPDATE OF status, served_by OR DELETE ON rooms
    FOR EACH ROW EXECUTE FUNCTION ring_room();

CREATE FUNCTION ring_client() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('hotline', 'client ' || NEW.organisation_id || ' ' || NEW.client_id);
    RETURN NULL;
END $$;
CREATE TRIGGER ring AFTER UPDATE OF node ON clients FOR EACH ROW
    WHEN ((OLD.node IS NULL) <> (NEW.node IS NULL)) EXECUTE FUNCTION ring_client();

CREATE FUNCTION ring_member() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('hotline', 'member ' || NEW.organisation_id || ' ' || NEW.room_id || ' ' || NEW.member_id);
    RETURN NULL;
END $$;
CREATE TRIGGER ring AFTER UPDATE OF left_at ON members FOR EACH ROW
    WHEN (OLD.left_at IS DISTINCT FROM NEW.left_at) EXECUTE FUNCTION ring_member();

CREATE FUNCTION ring_consultant() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        PERFORM pg_notify('hotline', 'consultant ' || OLD.organisation_id || ' ' || OLD.consultant_id);
    ELSE
        PERFORM pg_notify('hotline', 'consultant ' || NEW.organisation_id || ' ' || NEW.consultant_id);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER ring_new AFTER INSERT OR DELETE ON consultants FOR EACH ROW EXECUTE FUNCTION ring_consultant();
CREATE TRIGGER ring AFTER UPDATE ON consultants FOR EACH ROW
    WHEN (OLD.name <> NEW.name OR OLD.role <> NEW.role OR OLD.presence <> NEW.presence
          OR (OLD.node IS NULL) <> (NEW.node IS NULL))
    EXECUTE FUNCTION ring_consultant();

CREATE FUNCTION ring_login() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('hotline', 'login ' || OLD.organisation_id || ' ' || OLD.login_id);
    RETURN NULL;
END $$;
CREATE TRIGGER ring AFTER DELETE ON logins FOR EACH ROW EXECUTE FUNCTION ring_login();

CREATE FUNCTION ring_token() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('hotline', 'token ' || OLD.organisation_id || ' ' || OLD.token_id);
    RETURN NULL;
END $$;
CREATE TRIGGER ring AFTER DELETE ON tokens FOR EACH ROW EXECUTE FUNCTION ring_token();

CREATE FUNCTION ring_organisation() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        PERFORM pg_notify('hotline', 'organisation ' || OLD.organisation_id);
    ELSE
        PERFORM pg_notify('hotline', 'organisation ' || NEW.organisation_id);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER ring AFTER UPDATE OR DELETE ON organisations FOR EACH ROW EXECUTE FUNCTION ring_organisation();

CREATE FUNCTION ring_mail() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('hotline', 'mail ' || NEW.organisation_id || ' ' || NEW.mail_id);
    RETURN NULL;
END $$;
CREATE TRIGGER ring AFTER INSERT ON mails FOR EACH ROW EXECUTE FUNCTION ring_mail();

-- The directory: found before the organisation is known -----------------------------------------------

CREATE FUNCTION organisation_of_slug(wanted text) RETURNS text LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path FROM CURRENT AS $$ SELECT organisation_id FROM organisations WHERE slug = wanted $$;

CREATE FUNCTION organisation_of_email(wanted text) RETURNS text LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path FROM CURRENT AS $$ SELECT organisation_id FROM consultants WHERE email = wanted $$;

CREATE FUNCTION organisation_of_login(wanted bytea) RETURNS text LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path FROM CURRENT AS $$ SELECT organisation_id FROM logins WHERE token_hash = wanted $$;

CREATE FUNCTION organisation_of_invitation(wanted bytea) RETURNS text LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path FROM CURRENT AS $$ SELECT organisation_id FROM invitations WHERE token_hash = wanted $$;

CREATE FUNCTION organisation_of_reset(wanted bytea) RETURNS text LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path FROM CURRENT AS $$ SELECT organisation_id FROM resets WHERE token_hash = wanted $$;

CREATE FUNCTION list_organisations() RETURNS TABLE (organisation_id text, slug text, name text, created_at timestamptz)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
    SELECT o.organisation_id, o.slug, o.name, o.created_at FROM organisations o ORDER BY o.slug $$;

CREATE FUNCTION due_mails(until timestamptz) RETURNS TABLE (organisation_id text, mail_id text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
    SELECT m.organisation_id, m.mail_id FROM mails m WHERE m.due_at <= until ORDER BY m.due_at LIMIT 100 $$;

CREATE FUNCTION lost_clients(before timestamptz) RETURNS TABLE (organisation_id text, client_id text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
    SELECT c.organisation_id, c.client_id FROM clients c WHERE c.node IS NOT NULL AND c.seen_at < before LIMIT 1000 $$;

CREATE FUNCTION lost_consultants(before timestamptz) RETURNS TABLE (organisation_id text, consultant_id text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
    SELECT c.organisation_id, c.consultant_id FROM consultants c WHERE c.node IS NOT NULL AND c.seen_at < before LIMIT 1000 $$;

CREATE FUNCTION abandoned_rooms(before timestamptz) RETURNS TABLE (organisation_id text, room_id text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
    SELECT r.organisation_id, r.room_id FROM rooms r JOIN clients c USING (organisation_id, client_id)
    WHERE r.status <> 'closed' AND c.node IS NULL AND c.seen_at < before LIMIT 1000 $$;

CREATE FUNCTION expired_rooms(now timestamptz) RETURNS TABLE (organisation_id text, client_id text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
    SELECT r.organisation_id, r.client_id FROM rooms r JOIN organisations o USING (organisation_id)
    WHERE r.status = 'closed' AND r.closed_at + make_interval(hours => o.retention_hours) <= now LIMIT 1000 $$;

CREATE FUNCTION expired_logins(now timestamptz, idle_since timestamptz) RETURNS TABLE (organisation_id text, login_id text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
    SELECT l.organisation_id, l.login_id FROM logins l WHERE l.expires_at <= now OR l.seen_at < idle_since LIMIT 1000 $$;

DO $$
DECLARE
    signature text;
BEGIN
    FOR signature IN
        SELECT p.oid::regprocedure::text FROM pg_proc p
        WHERE p.pronamespace = current_schema()::regnamespace AND p.prosecdef
    LOOP
        EXECUTE 'REVOKE EXECUTE ON FUNCTION ' || signature || ' FROM PUBLIC';
        EXECUTE 'GRANT EXECUTE ON FUNCTION ' || signature || ' TO hotline_app';
    END LOOP;
END $$;
