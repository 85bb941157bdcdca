-- Blocks: clients who may not begin a conversation for some hours. They end by themselves.

ALTER TABLE organisations
    ADD COLUMN block_second_person boolean NOT NULL DEFAULT true;   -- whether longer ones need somebody else's agreement

CREATE TABLE blocks (
    organisation_id text NOT NULL REFERENCES organisations ON DELETE CASCADE,
    block_id        text NOT NULL,
    client_id       text NOT NULL,                      -- no reference: a block may outlive what its client said
    room_id         text NOT NULL,
    reason          text NOT NULL,                      -- for consultants only
    blocked_by      text NOT NULL,
    blocked_by_name text NOT NULL,                      -- as it was then
    blocked_at      timestamptz NOT NULL,
    until           timestamptz NOT NULL,
    wanted_until    timestamptz,                        -- if somebody else agrees; null: nobody has to (any more)
    agreed_by       text,
    agreed_by_name  text,
    PRIMARY KEY (organisation_id, block_id)
);
CREATE INDEX blocks_of_client ON blocks (organisation_id, client_id) WHERE client_id IS NOT NULL;
CREATE INDEX blocks_ending ON blocks (until);

CREATE TABLE blocked_devices (                          -- random words that devices were given when they were told of it
    organisation_id text NOT NULL,
    block_id        text NOT NULL,
    device_hash     bytea NOT NULL,                     -- keyed
    PRIMARY KEY (organisation_id, block_id, device_hash),
    FOREIGN KEY (organisation_id, block_id) REFERENCES blocks ON DELETE CASCADE
);
CREATE INDEX blocks_of_device ON blocked_devices (organisation_id, device_hash) WHERE device_hash IS NOT NULL;

-- The wall and the grants, as for every table of 0001_first.sql.
DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['blocks', 'blocked_devices'] LOOP
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

-- The doorbell.
CREATE FUNCTION ring_block() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        PERFORM pg_notify('hotline', 'block ' || OLD.organisation_id);
    ELSE
        PERFORM pg_notify('hotline', 'block ' || NEW.organisation_id);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER ring AFTER INSERT OR UPDATE OR DELETE ON blocks FOR EACH ROW EXECUTE FUNCTION ring_block();

-- The directory: work that is due.
CREATE FUNCTION ended_blocks(now timestamptz) RETURNS TABLE (organisation_id text, block_id text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
    SELECT b.organisation_id, b.block_id FROM blocks b WHERE b.until <= now ORDER BY b.until LIMIT 1000 $$;
REVOKE EXECUTE ON FUNCTION ended_blocks(timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ended_blocks(timestamptz) TO hotline_app;
