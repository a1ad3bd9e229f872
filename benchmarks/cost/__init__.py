"""How long it takes to price a call, beside other libraries."""
