"""What the normaliser knows, as tables."""
