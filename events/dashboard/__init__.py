"""What the dashboard shows: periods, tiles, charts, maps."""
