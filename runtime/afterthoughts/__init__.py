"""What is thought about a run once it has ended: what to remember, what to learn, what was said so far."""
