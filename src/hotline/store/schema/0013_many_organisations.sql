-- The wall, with many organisations in one statement: as journal and relay have them. As a condition on the
-- column alone it was one for each index as well, and the list was sorted anew for every row looked for.

DO $$
DECLARE
    name text;
BEGIN
    FOR name IN
        SELECT tablename FROM pg_policies WHERE schemaname = current_schema() AND policyname = 'own_organisation'
    LOOP
        EXECUTE format(
            $policy$ALTER POLICY own_organisation ON %I USING
                (organisation_id IN (SELECT unnest(string_to_array(current_setting('hotline.organisations', true), ','))))
            $policy$, name);
    END LOOP;
END $$;
