"""Who a caller is and what they may do: keys, admins, and what a first start must make."""
