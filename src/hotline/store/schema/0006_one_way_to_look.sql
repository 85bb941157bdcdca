-- Whoever looks for a room or a member by its key finds one index that can serve, also before there are
-- statistics: PostgreSQL took these two for it, and read all rooms of an organisation, or of a consultant.

DROP INDEX rooms_of_client;
CREATE INDEX rooms_of_client ON rooms (organisation_id, client_id) WHERE client_id IS NOT NULL;

DROP INDEX rooms_of_member;
CREATE INDEX rooms_of_consultant ON members (organisation_id, member_id) WHERE role = 'consultant';
