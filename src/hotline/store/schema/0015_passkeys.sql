-- Passkeys (WebAuthn): of a pair of keys in somebody's device, the public one; and which challenges were answered.

CREATE TABLE passkeys (
    organisation_id text NOT NULL,
    passkey_id      text NOT NULL,
    consultant_id   text NOT NULL,
    credential_id   bytea NOT NULL UNIQUE,                      -- as the device calls it
    public_key      bytea NOT NULL,
    sign_count      bigint NOT NULL,                            -- 0: the device does not count
    name            bytea NOT NULL,                             -- sealed with a key from outside the database
    made_on         date NOT NULL,
    used_on         date,
    PRIMARY KEY (organisation_id, passkey_id),
    FOREIGN KEY (organisation_id, consultant_id) REFERENCES consultants ON DELETE CASCADE
);
CREATE INDEX passkeys_of_consultant ON passkeys (organisation_id, consultant_id);

-- Challenges are not stored when they are made, so that asking for one costs nothing: each is taken once.
CREATE TABLE used_challenges (
    organisation_id text NOT NULL REFERENCES organisations ON DELETE CASCADE,
    challenge_hash  bytea NOT NULL,
    expires_at      timestamptz NOT NULL,
    PRIMARY KEY (organisation_id, challenge_hash)
);

-- The wall and the grants, as for every table of 0001_first.sql.
DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['passkeys', 'used_challenges'] LOOP
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

-- The directory: found before the organisation is known.
CREATE FUNCTION organisation_of_passkey(wanted bytea) RETURNS text LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path FROM CURRENT AS $$ SELECT organisation_id FROM passkeys WHERE credential_id = wanted $$;
REVOKE EXECUTE ON FUNCTION organisation_of_passkey(bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION organisation_of_passkey(bytea) TO hotline_app;
