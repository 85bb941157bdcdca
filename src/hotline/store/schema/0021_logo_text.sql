-- What stands as the organisation's mark at the head of its anteroom and of its mails; null: its name, and nothing.

ALTER TABLE organisations ADD COLUMN logo_text text;
