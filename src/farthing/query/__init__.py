"""Questions in, answers out: the same for API, command line, alerts and exports, so that two screens never disagree."""
