-- Clients given to consultants without anybody choosing, where an organisation wants it so; and what consultants
-- are best at, by which one is found.

ALTER TABLE organisations ADD COLUMN automatic_assignment boolean NOT NULL DEFAULT false;
ALTER TABLE consultants
    ADD COLUMN languages   text[] NOT NULL DEFAULT '{}',    -- none: any
    ADD COLUMN topics      text[] NOT NULL DEFAULT '{}',
    ADD COLUMN assigned_at timestamptz;                     -- the last time, so that clients go round

DROP TRIGGER ring ON consultants;
CREATE TRIGGER ring AFTER UPDATE ON consultants FOR EACH ROW
    WHEN (OLD.name <> NEW.name OR OLD.role <> NEW.role OR OLD.presence <> NEW.presence
          OR (OLD.node IS NULL) <> (NEW.node IS NULL)
          OR OLD.languages <> NEW.languages OR OLD.topics <> NEW.topics)
    EXECUTE FUNCTION ring_consultant();

-- The doorbell: somebody waits, or somebody may take one more.
CREATE FUNCTION ring_assignment() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM organisations o
               WHERE o.organisation_id = NEW.organisation_id AND o.automatic_assignment) THEN
        PERFORM pg_notify('hotline', 'assign ' || NEW.organisation_id);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER ring_assignment_new AFTER INSERT ON rooms FOR EACH ROW
    WHEN (NEW.status = 'waiting' AND NOT NEW.left_message) EXECUTE FUNCTION ring_assignment();
CREATE TRIGGER ring_assignment AFTER UPDATE OF status, served_by, left_message ON rooms FOR EACH ROW
    WHEN ((NEW.status = 'waiting' AND NOT NEW.left_message) OR OLD.served_by IS DISTINCT FROM NEW.served_by)
    EXECUTE FUNCTION ring_assignment();
CREATE TRIGGER ring_assignment AFTER UPDATE OF presence, node ON consultants FOR EACH ROW
    WHEN (NEW.presence = 'here' AND NEW.node IS NOT NULL AND (OLD.presence <> 'here' OR OLD.node IS NULL))
    EXECUTE FUNCTION ring_assignment();
CREATE TRIGGER ring_assignment AFTER UPDATE OF automatic_assignment, rooms_per_consultant ON organisations
    FOR EACH ROW WHEN (NEW.automatic_assignment) EXECUTE FUNCTION ring_assignment();

-- The directory: work that is due.
CREATE FUNCTION organisations_to_assign() RETURNS TABLE (organisation_id text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
    SELECT o.organisation_id FROM organisations o WHERE o.automatic_assignment AND EXISTS (
        SELECT FROM rooms r WHERE r.organisation_id = o.organisation_id AND r.status = 'waiting' AND NOT r.left_message)
    LIMIT 1000 $$;
REVOKE EXECUTE ON FUNCTION organisations_to_assign() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION organisations_to_assign() TO hotline_app;
