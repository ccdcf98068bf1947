"""Measurements: speed as ratios within one run, quality on the sets of $RAG_DATA."""
