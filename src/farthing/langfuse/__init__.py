"""Requests of Langfuse's SDKs in; what they send kept, and answers in the shapes they parse, out."""
