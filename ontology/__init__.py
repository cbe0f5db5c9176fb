"""The vocabulary: what diseases, adverse events, products, therapies and mechanisms there are, and their names."""
