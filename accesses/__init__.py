"""Who may do what, and who signs in."""
