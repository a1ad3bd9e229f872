"""What people write for models, version by version, in; the version that a name and a label stand for, out."""
