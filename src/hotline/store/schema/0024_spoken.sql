-- Clients may change the language in which they read in mid-conversation; the clientlist says which one it is.

DROP TRIGGER ring ON clients;
CREATE TRIGGER ring AFTER UPDATE OF node, language ON clients FOR EACH ROW
    WHEN ((OLD.node IS NULL) <> (NEW.node IS NULL) OR OLD.language IS DISTINCT FROM NEW.language)
    EXECUTE FUNCTION ring_client();
