"""The choke point before every write: spans in, spans without message content and secrets out."""
