-- Days of counts are those of the organisation's time zone: a night shift belongs to the night it was.

CREATE OR REPLACE FUNCTION add_count(organisation text, at timestamptz, what text, how text, change integer)
    RETURNS void LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
    zone text := (SELECT o.time_zone FROM organisations o WHERE o.organisation_id = organisation);
    local date;
BEGIN
    BEGIN
        local := (at AT TIME ZONE coalesce(zone, 'UTC'))::date;
    EXCEPTION WHEN invalid_parameter_value THEN
        local := (at AT TIME ZONE 'UTC')::date;                 -- a zone that this PostgreSQL does not know
    END;
    INSERT INTO counts AS c (organisation_id, day, subject, value, count)
    VALUES (organisation, local, what, how, change)
    ON CONFLICT ON CONSTRAINT counts_pkey DO UPDATE SET count = c.count + excluded.count;
END $$;
