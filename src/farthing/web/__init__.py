"""The built web UI in; its pages and files over HTTP out."""
