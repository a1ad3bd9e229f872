"""One file per dialect: a span of that library in, the call it describes out, or None. None imports another."""
