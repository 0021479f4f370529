"""Pages that keep what was recorded: adding, seeing one entry, changing, the trash."""
