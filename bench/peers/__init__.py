"""Other runtimes, each at its documented best for equal durability. Imported only inside `.venv-peers`."""
