"""What every route does."""
