"""What was recorded: events, their files, and high-frequency series."""
