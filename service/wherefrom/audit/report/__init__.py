"""Reports of audits as people read them: one self-contained page, and its plots as files."""
