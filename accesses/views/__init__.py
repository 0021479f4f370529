"""Pages of accounts and accesses."""
