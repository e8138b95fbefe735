"""Articles and the schedule, in one database; each source's poll is one transaction."""
