"""Made-up companies with known duplicates, of any number: independent of the data that the weights are fitted on."""
