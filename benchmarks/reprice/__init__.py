"""How fast recorded calls are priced again, and what that leaves to intake."""
