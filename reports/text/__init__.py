"""Words and numbers for people.

display: milliseconds, shares, counts and foreign text as one safe line · times: stamps, spans and durations.
"""
