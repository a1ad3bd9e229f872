"""What telling of a call costs the thread that makes it, with Farthing's Python SDK and with others'."""
