"""The API for people: what there is, and trying it on one's own account."""
