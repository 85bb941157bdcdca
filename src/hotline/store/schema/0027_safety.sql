-- Safety: what takes two managers takes two who have been managers for a while; less safety takes them, too; and
-- where a second factor is asked of everybody, the tokens of who has none let nobody in.

ALTER TABLE organisations
    ADD COLUMN loosening          text[] NOT NULL DEFAULT '{}', -- what a manager wants to ask of nobody any more
    ADD COLUMN loosening_asked_by text,                         -- the first of two managers
    ADD COLUMN loosening_asked_at timestamptz;

ALTER TABLE consultants
    ADD COLUMN manager_since timestamptz;                       -- null: since they joined, if they are

CREATE FUNCTION lacks_factor(organisation text, consultant text) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM organisations o WHERE o.organisation_id = organisation AND o.require_second_factor)
        AND NOT EXISTS (SELECT FROM authenticators a WHERE a.organisation_id = organisation
            AND a.consultant_id = consultant AND a.confirmed_at IS NOT NULL)
        AND NOT EXISTS (SELECT FROM passkeys p WHERE p.organisation_id = organisation
            AND p.consultant_id = consultant) $$;

-- The doorbell: sessions of tokens that are not good any more end, as if those had been revoked.
CREATE FUNCTION ring_lacking_people() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('hotline', 'token ' || t.organisation_id || ' ' || t.token_id) FROM tokens t
    WHERE t.organisation_id = NEW.organisation_id AND lacks_factor(t.organisation_id, t.consultant_id);
    RETURN NULL;
END $$;
CREATE TRIGGER ring_lacking_people AFTER UPDATE OF require_second_factor ON organisations FOR EACH ROW
    WHEN (NEW.require_second_factor AND NOT OLD.require_second_factor) EXECUTE FUNCTION ring_lacking_people();

CREATE FUNCTION ring_lacking_person() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('hotline', 'token ' || t.organisation_id || ' ' || t.token_id) FROM tokens t
    WHERE t.organisation_id = OLD.organisation_id AND t.consultant_id = OLD.consultant_id
        AND lacks_factor(t.organisation_id, t.consultant_id);
    RETURN NULL;
END $$;
CREATE TRIGGER ring_lacking_person AFTER DELETE ON authenticators FOR EACH ROW
    EXECUTE FUNCTION ring_lacking_person();
CREATE TRIGGER ring_lacking_person AFTER DELETE ON passkeys FOR EACH ROW EXECUTE FUNCTION ring_lacking_person();
