"""What people say of traces in: configs of scores, queues of what is to be looked at, comments; kept and checked out."""
