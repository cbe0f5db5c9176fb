"""Rebuilds the model of `ivigraph.ingest.tagger` from the corpora: `python -m training.train --corpora … --out …`.

Needs torch and the start weights besides ivigraph itself; nothing of it is in the wheel.
"""
