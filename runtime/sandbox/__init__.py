"""What holds a command whose classification was wrong."""
