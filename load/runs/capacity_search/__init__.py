"""The scenario `capacity`: the search for the highest rate that keeps the objective.

capacity     the run of the search; each trial is a whole run
rate_search  the choice of the next rate
"""
