"""How fast the web UI is, in a real browser."""
