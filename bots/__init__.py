"""Chat platforms, and the place where everything is put together."""
