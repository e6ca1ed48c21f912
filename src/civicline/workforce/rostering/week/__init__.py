"""One week's roster from requirements, people and shift patterns."""
