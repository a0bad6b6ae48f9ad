"""Benchmarks of what happens after a run.

judging: how fast a recorded history is judged by all checkers.
rendering: time and memory for the report of a run as large as a nightly one.
operations: a document of 170 operations over ours of 17.
"""
