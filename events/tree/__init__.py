"""The stream tree: create, rename, move, colour, trash, restore, delete (ui §4.3)."""
