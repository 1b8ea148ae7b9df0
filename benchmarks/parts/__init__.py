"""The parts of the benchmarks: each has `measure(scale) -> Part`, and runs in a process of its own."""
