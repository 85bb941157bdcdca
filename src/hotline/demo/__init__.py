"""`make demo`: what is told, how it came about, and who talks now; nothing here is part of the daemon."""
