"""Questions to a corpus that audits ask: counts, conjunctions of phrases, what follows, infinity-gram probabilities."""
