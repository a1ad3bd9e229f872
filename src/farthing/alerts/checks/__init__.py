"""One file for each kind of rule: what the calls of its groups add up to in, verdicts out. Pure."""
