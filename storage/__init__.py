"""What is kept: SQLite, behind the ports that the runtime declares."""
