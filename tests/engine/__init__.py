"""The engine: jobs of many steps, whatever happens to Flowtly and to the workers meanwhile."""
