"""Another system's public API in; what it holds, put into a running server through that server's own doors, out."""
