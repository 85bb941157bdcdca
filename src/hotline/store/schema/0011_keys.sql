-- Sealed texts, their keys, and receipts of what was deleted.
--
-- What people say and fill in is sealed before it comes here (store/seals.py). Each room, client and survey has
-- a data key of its own, wrapped by its organisation's key, which is wrapped by a master key that is in no
-- database. Whatever ends a row's life ends its key first.

CREATE TABLE organisation_keys (
    organisation_id text PRIMARY KEY REFERENCES organisations ON DELETE CASCADE,
    master          text NOT NULL,                      -- which master key wraps it
    wrapped         bytea NOT NULL
);
CREATE TABLE data_keys (
    organisation_id text NOT NULL REFERENCES organisations ON DELETE CASCADE,
    owner_id        text NOT NULL,                      -- a room_id, client_id or survey_id
    wrapped         bytea NOT NULL,
    PRIMARY KEY (organisation_id, owner_id)
);

-- What was there before and is not sealed yet: done when hotline starts, slice by slice.
CREATE TABLE unsealed (
    organisation_id text NOT NULL REFERENCES organisations ON DELETE CASCADE,
    owner_id        text NOT NULL,
    kind            text NOT NULL CHECK (kind IN ('room', 'client', 'survey')),
    PRIMARY KEY (organisation_id, owner_id)
);
INSERT INTO unsealed SELECT organisation_id, room_id, 'room' FROM rooms;
INSERT INTO unsealed SELECT organisation_id, client_id, 'client' FROM clients;
INSERT INTO unsealed SELECT organisation_id, survey_id, 'survey' FROM surveys;

-- The sender's name is sealed with the text.
ALTER TABLE messages ALTER COLUMN sender_name DROP NOT NULL;

CREATE FUNCTION destroy_key() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    owner text := to_jsonb(OLD) ->> TG_ARGV[0];
BEGIN
    DELETE FROM data_keys WHERE organisation_id = OLD.organisation_id AND owner_id = owner;
    DELETE FROM unsealed WHERE organisation_id = OLD.organisation_id AND owner_id = owner;
    RETURN OLD;
END $$;
CREATE TRIGGER destroy_key BEFORE DELETE ON rooms FOR EACH ROW EXECUTE FUNCTION destroy_key('room_id');
CREATE TRIGGER destroy_key BEFORE DELETE ON clients FOR EACH ROW EXECUTE FUNCTION destroy_key('client_id');
CREATE TRIGGER destroy_key BEFORE DELETE ON surveys FOR EACH ROW EXECUTE FUNCTION destroy_key('survey_id');

-- One for each deletion: what kind, when, how many rows; no content. Each one's seal binds the one before it,
-- and `receipt_heads` the last.
CREATE TABLE receipts (
    organisation_id text NOT NULL REFERENCES organisations ON DELETE CASCADE,
    number          bigint NOT NULL,
    at              timestamptz NOT NULL,
    kind            text NOT NULL,
    counts          jsonb NOT NULL,                     -- {what: how many}
    seal            bytea NOT NULL,
    PRIMARY KEY (organisation_id, number)
);
CREATE TABLE receipt_heads (
    organisation_id text PRIMARY KEY REFERENCES organisations ON DELETE CASCADE,
    number          bigint NOT NULL,
    seal            bytea NOT NULL
);

-- The wall, as in 0001; receipts can only be added.
DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['organisation_keys', 'data_keys', 'unsealed', 'receipts', 'receipt_heads'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format(
            $policy$CREATE POLICY own_organisation ON %I TO hotline_app USING
                (organisation_id = ANY ((SELECT string_to_array(current_setting('hotline.organisations', true), ','))::text[]))
            $policy$, name);
        EXECUTE format('CREATE POLICY directory ON %I FOR SELECT TO %I USING (true)', name, current_user);
        EXECUTE format('GRANT SELECT, INSERT ON %I TO hotline_app', name);
        IF name <> 'receipts' THEN
            EXECUTE format('GRANT UPDATE, DELETE ON %I TO hotline_app', name);
        END IF;
    END LOOP;
END $$;

-- The directory.
CREATE FUNCTION masters_in_use() RETURNS TABLE (master text) LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path FROM CURRENT AS $$ SELECT DISTINCT k.master FROM organisation_keys k ORDER BY 1 $$;

CREATE FUNCTION organisations_under_other_masters(newest text) RETURNS TABLE (organisation_id text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
    SELECT k.organisation_id FROM organisation_keys k WHERE k.master <> newest LIMIT 1000 $$;

CREATE FUNCTION still_unsealed() RETURNS TABLE (organisation_id text, owner_id text, kind text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
    SELECT u.organisation_id, u.owner_id, u.kind FROM unsealed u ORDER BY u.organisation_id LIMIT 200 $$;

DO $$
DECLARE
    signature text;
BEGIN
    FOREACH signature IN ARRAY ARRAY['masters_in_use()', 'organisations_under_other_masters(text)',
        'still_unsealed()']
    LOOP
        EXECUTE 'REVOKE EXECUTE ON FUNCTION ' || signature || ' FROM PUBLIC';
        EXECUTE 'GRANT EXECUTE ON FUNCTION ' || signature || ' TO hotline_app';
    END LOOP;
END $$;
