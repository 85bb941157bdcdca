-- Forms: the anteroom's questions, the survey after the talk, the consultants' record; consent; and counts
-- of what happened, which outlive the text.

ALTER TABLE organisations
    ALTER COLUMN questions DROP NOT NULL,                       -- null: our own
    ADD COLUMN survey           jsonb NOT NULL DEFAULT '[]',    -- as questions: [{name, label, kind, ...}]
    ADD COLUMN record           jsonb,                          -- the same; null: our own
    ADD COLUMN record_required  boolean NOT NULL DEFAULT false, -- whether consultants are reminded of it
    ADD COLUMN consent          jsonb NOT NULL DEFAULT '{}',    -- {language tag, or "" for their own: text}
    ADD COLUMN consent_required boolean NOT NULL DEFAULT false;

ALTER TABLE clients
    ADD COLUMN consented boolean;                               -- null: there was nothing to agree to

ALTER TABLE rooms
    ADD COLUMN surveyed boolean NOT NULL DEFAULT false;         -- the survey was answered, or skipped

-- What clients answered when it was over. Without room, client and time of day: nobody can tell whose it is.
CREATE TABLE surveys (
    organisation_id text NOT NULL REFERENCES organisations ON DELETE CASCADE,
    survey_id       text NOT NULL,
    day             date NOT NULL,
    answers         jsonb NOT NULL,
    PRIMARY KEY (organisation_id, survey_id)
);
CREATE INDEX surveys_by_day ON surveys (day);

CREATE TABLE records (                                          -- what consultants wrote down of a room
    organisation_id text NOT NULL,
    room_id         text NOT NULL,
    answers         jsonb NOT NULL,
    counted         jsonb NOT NULL,                             -- what of it is in counts: [[question, answer]]
    saved_by        text NOT NULL,
    saved_by_name   text NOT NULL,                              -- as it was then
    saved_at        timestamptz NOT NULL,
    PRIMARY KEY (organisation_id, room_id),
    FOREIGN KEY (organisation_id, room_id) REFERENCES rooms ON DELETE CASCADE
);

-- How often something happened on a day. `subject`: entered, served, left_before_served, left_messages,
-- waited (value: minutes from which on), record.<question>, survey.<question> (value: the answer).
CREATE TABLE counts (
    organisation_id text NOT NULL REFERENCES organisations ON DELETE CASCADE,
    day             date NOT NULL,
    subject         text NOT NULL,
    value           text NOT NULL DEFAULT '',
    count           integer NOT NULL,
    PRIMARY KEY (organisation_id, day, subject, value)
);

-- The wall and the grants, as for every table of 0001_first.sql.
DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['surveys', 'records', 'counts'] LOOP
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

-- Counting. Rooms are counted by what happens to their row, whoever does it and for whatever reason.

CREATE FUNCTION add_count(organisation text, at timestamptz, what text, how text, change integer) RETURNS void
    LANGUAGE sql SET search_path FROM CURRENT AS $$
    INSERT INTO counts AS c (organisation_id, day, subject, value, count)
    VALUES (organisation, (at AT TIME ZONE 'UTC')::date, what, how, change)
    ON CONFLICT (organisation_id, day, subject, value) DO UPDATE SET count = c.count + excluded.count $$;

CREATE FUNCTION count_room() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        PERFORM add_count(NEW.organisation_id, NEW.entered_at,
            CASE WHEN NEW.left_message THEN 'left_messages' ELSE 'entered' END, '', 1);
    ELSIF OLD.left_message AND NOT NEW.left_message THEN
        PERFORM add_count(NEW.organisation_id, NEW.entered_at, 'entered', '', 1);
    ELSIF NEW.left_message THEN
        NULL;                                                   -- nobody waited
    ELSIF NEW.status = 'active' AND OLD.claimed_at IS NULL THEN
        PERFORM add_count(NEW.organisation_id, NEW.claimed_at, 'served', '', 1);
        PERFORM add_count(NEW.organisation_id, NEW.claimed_at, 'waited',
            (SELECT max(bound) FROM unnest(ARRAY[0, 1, 3, 5, 10, 20, 40, 60]) AS bound
             WHERE bound = 0 OR NEW.claimed_at - NEW.entered_at >= make_interval(mins => bound))::text, 1);
    ELSIF NEW.status = 'closed' AND NEW.claimed_at IS NULL THEN
        PERFORM add_count(NEW.organisation_id, NEW.closed_at, 'left_before_served', '', 1);
    END IF;
    RETURN NULL;
END $$;
-- At the commit, because all who enter on a day want the same row: none holds it longer than that.
CREATE CONSTRAINT TRIGGER count_new AFTER INSERT ON rooms DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION count_room();
CREATE CONSTRAINT TRIGGER count_change AFTER UPDATE OF status, left_message ON rooms DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (OLD.status <> NEW.status OR OLD.left_message <> NEW.left_message)
    EXECUTE FUNCTION count_room();

-- Surveys are kept for as long as what was said, counted from the end of their day.
CREATE FUNCTION expired_surveys(now timestamptz) RETURNS TABLE (organisation_id text, survey_id text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
    SELECT s.organisation_id, s.survey_id FROM surveys s JOIN organisations o USING (organisation_id)
    WHERE (s.day + 1)::timestamp AT TIME ZONE 'UTC' + make_interval(hours => o.retention_hours) <= now
    LIMIT 1000 $$;
REVOKE EXECUTE ON FUNCTION expired_surveys(timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION expired_surveys(timestamptz) TO hotline_app;
