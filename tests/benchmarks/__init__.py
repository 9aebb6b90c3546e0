"""How fast paws is, beside `chalice package` on the same applications."""
