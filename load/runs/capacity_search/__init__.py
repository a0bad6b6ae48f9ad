"""The scenario capacity: the highest rate that keeps the objective.

capacity     the run: a trial is a whole run of its own
rate_search  which rate to try next; pure
"""
