-- Days of surveys are those of the organisation's time zone, as days of counts are: what was answered on a day is
-- counted on it. Those of before keep theirs.

CREATE FUNCTION local_day(organisation text, at timestamptz) RETURNS date
    LANGUAGE plpgsql STABLE SET search_path FROM CURRENT AS $$
DECLARE
    zone text := (SELECT o.time_zone FROM organisations o WHERE o.organisation_id = organisation);
BEGIN
    RETURN (at AT TIME ZONE coalesce(zone, 'UTC'))::date;
EXCEPTION WHEN invalid_parameter_value THEN
    RETURN (at AT TIME ZONE 'UTC')::date;                       -- a zone that this PostgreSQL does not know
END $$;

CREATE FUNCTION end_of_day(day date, zone text) RETURNS timestamptz
    LANGUAGE plpgsql STABLE SET search_path FROM CURRENT AS $$
BEGIN
    RETURN (day + 1)::timestamp AT TIME ZONE zone;
EXCEPTION WHEN invalid_parameter_value THEN
    RETURN (day + 1)::timestamp AT TIME ZONE 'UTC';
END $$;

CREATE OR REPLACE FUNCTION add_count(organisation text, at timestamptz, what text, how text, change integer)
    RETURNS void LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    INSERT INTO counts AS c (organisation_id, day, subject, value, count)
    VALUES (organisation, local_day(organisation, at), what, how, change)
    ON CONFLICT ON CONSTRAINT counts_pkey DO UPDATE SET count = c.count + excluded.count;
END $$;

-- No day ends anywhere more than 14 hours before it does in UTC: the zone is asked of few rows only.
CREATE OR REPLACE FUNCTION expired_surveys(now timestamptz) RETURNS TABLE (organisation_id text, survey_id text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
    SELECT s.organisation_id, s.survey_id FROM surveys s JOIN organisations o USING (organisation_id)
    WHERE (s.day + 1)::timestamp AT TIME ZONE 'UTC' + make_interval(hours => o.retention_hours - 14) <= now
        AND end_of_day(s.day, o.time_zone) + make_interval(hours => o.retention_hours) <= now
    LIMIT 1000 $$;
