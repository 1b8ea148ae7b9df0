"""Audits: what of many outputs stands in the corpus, as measures with intervals, groups and a comparison set."""
