"""Documents about intravenous immunoglobulin, read into an RDF graph of claims with their sentences."""

__version__ = "0.1.0"
