-- What an API token proves itself by without showing its secret. Older tokens have neither key: tickets only.
-- Whoever reads salted_key can come in by WAMP-CRA as that token: the method needs it so. It is no help with
-- the ticket, which is compared with secret_hash.

ALTER TABLE tokens
    ADD COLUMN salt       text NOT NULL DEFAULT '',
    ADD COLUMN iterations integer NOT NULL DEFAULT 0,
    ADD COLUMN salted_key bytea CHECK (octet_length(salted_key) = 32),  -- PBKDF2, HMAC-SHA-256
    ADD COLUMN public_key bytea CHECK (octet_length(public_key) = 32);  -- Ed25519
