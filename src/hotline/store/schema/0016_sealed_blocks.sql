-- What is said of a block is sealed, with a key of its own: it may outlive the room and the client.

ALTER TABLE unsealed DROP CONSTRAINT unsealed_kind_check,
    ADD CONSTRAINT unsealed_kind_check CHECK (kind IN ('room', 'client', 'survey', 'block'));
INSERT INTO unsealed SELECT organisation_id, block_id, 'block' FROM blocks;
CREATE TRIGGER destroy_key BEFORE DELETE ON blocks FOR EACH ROW EXECUTE FUNCTION destroy_key('block_id');
