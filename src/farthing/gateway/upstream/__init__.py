"""A request to a provider in; its answer, whose body is still to come, out: HTTP/1.1 and no more of it than that takes."""
