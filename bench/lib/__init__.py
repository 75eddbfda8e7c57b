"""Parts of the benchmarks: processes, peers, intervals, tables."""
