"""How long questions take, as the data grows."""
