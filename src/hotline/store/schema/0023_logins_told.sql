-- What a person is told of by mail when they log in: whether it is the first time, and what went wrong since the
-- last one.

ALTER TABLE consultants
    ADD COLUMN has_logged_in boolean NOT NULL DEFAULT true,     -- whoever was there before has
    ADD COLUMN failed_logins integer NOT NULL DEFAULT 0;        -- wrong passwords and codes since then
ALTER TABLE consultants ALTER COLUMN has_logged_in SET DEFAULT false;
