"""Rules over what calls cost and do in; verdicts, incidents and what people are told of them out."""
