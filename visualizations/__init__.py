"""Networks and plots from query results."""
