-- Who did what in an organisation: log-ins, rooms and profiles opened, people, settings, secrets, deletions.
--
-- The application can only add entries and read them. Each one's seal binds the one before it, and
-- `audit_heads` the last, as with receipts (store/chain.py). Old ones are cut off at the beginning, by a
-- function that leaves alone what is not a month old; what is left hangs on an anchor.

CREATE TABLE audit (
    organisation_id text NOT NULL REFERENCES organisations ON DELETE CASCADE,
    number          bigint NOT NULL,
    at              timestamptz NOT NULL,
    actor_id        text NOT NULL,                      -- a consultant_id; empty: an operator, or a client
    actor_name      text NOT NULL,                      -- sealed; as it was then
    action          text NOT NULL,
    subject_kind    text NOT NULL,                      -- room, person, token, invitation, block; or empty
    subject_id      text NOT NULL,
    details         jsonb NOT NULL,                     -- counts, names of settings, roles; no texts, no addresses
    seal            bytea NOT NULL,
    PRIMARY KEY (organisation_id, number)
);
CREATE INDEX audit_of_subject ON audit (organisation_id, subject_id, number);
CREATE INDEX audit_age ON audit (at);

CREATE TABLE audit_heads (
    organisation_id text PRIMARY KEY REFERENCES organisations ON DELETE CASCADE,
    number          bigint NOT NULL,
    seal            bytea NOT NULL,
    cut_number      bigint,                             -- the anchor: of the last entry that was cut off
    cut_seal        bytea,
    cut_proof       bytea,
    CHECK ((cut_number IS NULL) = (cut_seal IS NULL) AND (cut_number IS NULL) = (cut_proof IS NULL))
);

-- The wall, as in 0013; entries can only be added.
DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['audit', 'audit_heads'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format(
            $policy$CREATE POLICY own_organisation ON %I TO hotline_app USING
                (organisation_id IN (SELECT unnest(string_to_array(current_setting('hotline.organisations', true), ','))))
            $policy$, name);
        EXECUTE format('CREATE POLICY directory ON %I FOR SELECT TO %I USING (true)', name, current_user);
        EXECUTE format('GRANT SELECT, INSERT ON %I TO hotline_app', name);
    END LOOP;
    GRANT UPDATE, DELETE ON audit_heads TO hotline_app;
    EXECUTE format('CREATE POLICY cut ON audit FOR DELETE TO %I USING (true)', current_user);
END $$;

-- The only way to the end of an entry, but for the organisation's own: from the oldest on, whatever is asked.
CREATE FUNCTION cut_audit(organisation text, upto bigint) RETURNS bigint
    LANGUAGE sql SECURITY DEFINER SET search_path FROM CURRENT AS $$
    WITH cut AS (
        DELETE FROM audit a
        WHERE a.organisation_id = organisation AND a.number <= upto AND a.at < now() - interval '29 days'
            AND organisation = ANY (string_to_array(current_setting('hotline.organisations', true), ','))
        RETURNING 1)
    SELECT count(*) FROM cut $$;

-- The directory.
CREATE FUNCTION organisations_with_old_audit(before timestamptz) RETURNS TABLE (organisation_id text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
    SELECT DISTINCT a.organisation_id FROM audit a JOIN audit_heads h USING (organisation_id)
    WHERE a.at < before AND a.number < h.number LIMIT 100 $$;

DO $$
DECLARE
    signature text;
BEGIN
    FOREACH signature IN ARRAY ARRAY['cut_audit(text, bigint)', 'organisations_with_old_audit(timestamptz)'] LOOP
        EXECUTE 'REVOKE EXECUTE ON FUNCTION ' || signature || ' FROM PUBLIC';
        EXECUTE 'GRANT EXECUTE ON FUNCTION ' || signature || ' TO hotline_app';
    END LOOP;
END $$;
