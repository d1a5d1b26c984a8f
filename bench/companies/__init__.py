"""Made-up companies with known duplicates, as many as are wanted."""
