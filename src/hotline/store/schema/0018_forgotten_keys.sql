-- Whoever has a key in memory hears when its row is gone, whoever deleted that: of a room, a client, a survey or
-- a block by its id, of an organisation by nothing more than its own.

CREATE FUNCTION ring_key() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('hotline', concat_ws(' ', 'key', OLD.organisation_id, to_jsonb(OLD) ->> 'owner_id'));
    RETURN NULL;
END $$;
CREATE TRIGGER ring AFTER DELETE ON data_keys FOR EACH ROW EXECUTE FUNCTION ring_key();
CREATE TRIGGER ring AFTER DELETE ON organisation_keys FOR EACH ROW EXECUTE FUNCTION ring_key();
