"""The meta store: small transactional facts (projects, keys, settings) in SQLite or PostgreSQL."""
