-- A browser that got another address from its push service says which one it was, when nobody is logged in there.

CREATE FUNCTION organisations_of_push(wanted bytea) RETURNS TABLE (organisation_id text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
    SELECT s.organisation_id FROM push_subscriptions s WHERE s.endpoint_hash = wanted $$;
REVOKE EXECUTE ON FUNCTION organisations_of_push(bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION organisations_of_push(bytea) TO hotline_app;
-- The key begins with the organisation.
CREATE INDEX push_subscriptions_of_browser ON push_subscriptions (endpoint_hash);
