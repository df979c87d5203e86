"""Care for the examples: what in them hurts, what would help, and what belongs together."""
