"""What experiments try things on in; datasets with every version of their items, and the runs made on them, out."""
