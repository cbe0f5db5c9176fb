"""Measures an extractor as the field does: `ivigraph eval GOLD…` on annotated corpora and on gold claims."""
