ALTER TABLE rooms
    ADD COLUMN priority smallint NOT NULL DEFAULT 0 CHECK (priority IN (0, 1)),
    ADD COLUMN risk     boolean NOT NULL DEFAULT false;         -- an answer raised the priority
