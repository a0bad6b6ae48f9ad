"""The comparison of a load run's latencies with a baseline: whether it is slower, significantly and by how much.

Runs that are not alike are not compared. Otherwise the windows of both runs are tested: is the difference real, and is it large?

| file | content |
| --- | --- |
| baseline_file.py | the baseline file: what is kept of a run |
| quantile_comparison.py | the compared series: one quantile, window by window, of both runs |
| shift_statistics.py | the statistical tests of a shift, and its size |
| run_spread.py | the spread of kept runs among themselves |
| baseline_verdicts.py | the verdicts of a comparison |
"""
