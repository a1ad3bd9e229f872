"""One file per schema version, in order; each is run once, in a transaction."""
