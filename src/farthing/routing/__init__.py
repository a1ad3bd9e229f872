"""What operators configure for the gateway in; for a call, the plan it goes by, out."""
