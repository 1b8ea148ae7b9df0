"""Audits: what of many outputs stands in the corpus, as measures with intervals, groups and a comparison set.

`wherefrom.audit.auditing.audit` is the way in; nothing is imported here, so that reports can be read without kernels.
"""
