"""Traces: what applications did, kept with the provenance of every generation."""
