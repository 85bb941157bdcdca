-- What helps consultants write: ready answers, and a directory of places to refer to.

CREATE TABLE ready_answers (
    organisation_id text NOT NULL REFERENCES organisations ON DELETE CASCADE,
    answer_id       text NOT NULL,
    consultant_id   text,                               -- whose own it is; null: the organisation's
    shortcut        text NOT NULL,                      -- lower case
    text            text NOT NULL,
    language        text,
    PRIMARY KEY (organisation_id, answer_id),
    FOREIGN KEY (organisation_id, consultant_id) REFERENCES consultants ON DELETE CASCADE
);
CREATE UNIQUE INDEX ready_answers_shortcut ON ready_answers (organisation_id, coalesce(consultant_id, ''), shortcut);

CREATE TABLE referrals (
    organisation_id text NOT NULL REFERENCES organisations ON DELETE CASCADE,
    referral_id     text NOT NULL,
    name            text NOT NULL,
    contact         text NOT NULL,                      -- a telephone number, an https link or an email address
    text            text NOT NULL,
    languages       text[] NOT NULL,
    topics          text[] NOT NULL,
    searched        text NOT NULL,                      -- all of it without case and accents, the name first
    PRIMARY KEY (organisation_id, referral_id)
);

-- The wall and the grants, as for every table of 0001_first.sql.
DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['ready_answers', 'referrals'] LOOP
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

-- The doorbell. An answer rings with whose it is, or - for the organisation's.
CREATE FUNCTION ring_answer() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    it ready_answers := coalesce(NEW, OLD);
BEGIN
    PERFORM pg_notify('hotline',
        'answer ' || it.organisation_id || ' ' || coalesce(it.consultant_id, '-') || ' ' || it.answer_id);
    RETURN NULL;
END $$;
CREATE TRIGGER ring AFTER INSERT OR UPDATE OR DELETE ON ready_answers FOR EACH ROW EXECUTE FUNCTION ring_answer();

CREATE FUNCTION ring_referral() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    it referrals := coalesce(NEW, OLD);
BEGIN
    PERFORM pg_notify('hotline', 'referral ' || it.organisation_id || ' ' || it.referral_id);
    RETURN NULL;
END $$;
CREATE TRIGGER ring AFTER INSERT OR UPDATE OR DELETE ON referrals FOR EACH ROW EXECUTE FUNCTION ring_referral();
