"""The way from an empty meta database to this version's schema, one file per step. Only forward: back is a backup."""
