"""High-frequency series."""
