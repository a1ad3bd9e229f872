"""The door that stands in the way of model calls: a client's request in, the provider's answer out, and a call told."""
