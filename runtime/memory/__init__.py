"""What is remembered beyond a run, for whom, and how it is found again."""
