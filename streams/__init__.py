"""The tree of streams."""
