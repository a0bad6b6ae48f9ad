"""Is this run slower than one that was kept? A comparison that says when it may not be made.

`keep` takes from a run what a later one is compared with; `compare` refuses what is not alike, and otherwise asks
two questions of the windows of both runs: is the difference real, and is it large?

| file | content |
| --- | --- |
| baseline_file.py | what is kept of a run |
| quantile_comparison.py | what is compared: one quantile, window by window, then and now |
| shift_statistics.py | is a shift real, and how large is it |
| run_spread.py | how much kept runs differ among themselves |
| baseline_verdicts.py | verdicts on a run beside its baseline |
"""
