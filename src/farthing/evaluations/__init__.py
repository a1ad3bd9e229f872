"""Rules by which a part of what models answer is judged in; scores of calls out, kept like any others, and what judging cost."""
