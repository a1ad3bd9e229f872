"""Farthing beside Arize Phoenix and MLflow: the same spans, the same machine, one run."""
