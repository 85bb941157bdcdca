-- Accounts: second factors, logins in several steps, links that prove an address, tokens with scopes and an
-- end, one address in several organisations, and what an organisation asks of its people.

ALTER TABLE organisations
    ADD COLUMN require_second_factor  boolean NOT NULL DEFAULT false,
    ADD COLUMN two_managers_to_delete boolean NOT NULL DEFAULT false,
    ADD COLUMN deletion_asked_by      text,                     -- the first of two managers
    ADD COLUMN deletion_asked_at      timestamptz;

-- One person may work for several organisations, and has an account, with factors of its own, in each.
ALTER TABLE consultants
    DROP CONSTRAINT consultants_email_key,
    ADD CONSTRAINT consultants_email_key UNIQUE (email, organisation_id);

ALTER TABLE logins
    ADD COLUMN proved_at timestamptz;                           -- when they last showed who they are

ALTER TABLE tokens
    ADD COLUMN scopes     text[] NOT NULL DEFAULT '{read,speak,manage}',
    ADD COLUMN expires_at timestamptz;                          -- null: never

-- What is half done: a password that was right and waits for its second factor, a new address that waits for
-- its link to be used, factors that a manager had asked to be given up.
CREATE TABLE steps (
    organisation_id text NOT NULL,
    step_id         text NOT NULL,
    consultant_id   text NOT NULL,
    token_hash      bytea NOT NULL UNIQUE,
    purpose         text NOT NULL CHECK (purpose IN ('login', 'email', 'factors')),
    detail          text NOT NULL DEFAULT '',                   -- of email: the new address
    wrong           integer NOT NULL DEFAULT 0,                 -- codes that were tried
    expires_at      timestamptz NOT NULL,
    PRIMARY KEY (organisation_id, step_id),
    FOREIGN KEY (organisation_id, consultant_id) REFERENCES consultants ON DELETE CASCADE
);

CREATE TABLE authenticators (                                   -- apps that show codes (TOTP)
    organisation_id text NOT NULL,
    consultant_id   text NOT NULL,
    secret          bytea NOT NULL,                             -- sealed with a key from outside the database
    last_step       bigint NOT NULL DEFAULT 0,                  -- of the last code used: each works once
    confirmed_at    timestamptz,                                -- null: not in use yet
    PRIMARY KEY (organisation_id, consultant_id),
    FOREIGN KEY (organisation_id, consultant_id) REFERENCES consultants ON DELETE CASCADE
);

CREATE TABLE recovery_codes (
    organisation_id text NOT NULL,
    consultant_id   text NOT NULL,
    code_hash       bytea NOT NULL,
    PRIMARY KEY (organisation_id, consultant_id, code_hash),
    FOREIGN KEY (organisation_id, consultant_id) REFERENCES consultants ON DELETE CASCADE
);

-- The wall and the grants, as for every table of 0001_first.sql.
DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['steps', 'authenticators', 'recovery_codes'] LOOP
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

-- The directory: found before the organisation is known, and work that is due.

DROP FUNCTION organisation_of_email(text);
CREATE FUNCTION organisations_of_email(wanted text) RETURNS TABLE (organisation_id text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
    SELECT c.organisation_id FROM consultants c WHERE c.email = wanted ORDER BY c.created_at, c.organisation_id $$;

CREATE FUNCTION organisation_of_step(wanted bytea) RETURNS text LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path FROM CURRENT AS $$ SELECT organisation_id FROM steps WHERE token_hash = wanted $$;

CREATE FUNCTION expired_tokens(now timestamptz) RETURNS TABLE (organisation_id text, token_id text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
    SELECT t.organisation_id, t.token_id FROM tokens t WHERE t.expires_at <= now LIMIT 1000 $$;

DO $$
DECLARE
    signature text;
BEGIN
    FOREACH signature IN ARRAY ARRAY['organisations_of_email(text)', 'organisation_of_step(bytea)',
        'expired_tokens(timestamptz)'] LOOP
        EXECUTE 'REVOKE EXECUTE ON FUNCTION ' || signature || ' FROM PUBLIC';
        EXECUTE 'GRANT EXECUTE ON FUNCTION ' || signature || ' TO hotline_app';
    END LOOP;
END $$;
