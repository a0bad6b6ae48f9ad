"""Is this run slower than one that was kept? A comparison that says when it may not be made.

`keep` takes from a run what a later one is compared with; `compare` refuses what is not alike, and otherwise asks
two questions of the windows of both runs: is the difference real, and is it large?
"""
