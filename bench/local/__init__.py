"""A Django application with the clients in a local table: what an ordinary Django admin would do."""
