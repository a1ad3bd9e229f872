"""What all tests have, those of the server and those of the clients."""

pytest_plugins = ("failure_reports", "order")
