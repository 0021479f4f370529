"""A made-up life, to see the dashboard full: three years of entries of every kind, the same each time."""
