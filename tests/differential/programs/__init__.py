"""Random programs as values, so that a seed and a length say all and any step can be left out.

steps: the steps of a program, which name what earlier steps made.
content_programs: programs of content operations.
session_programs: programs of logins, refreshes, logouts and uses of tokens.
drawn_values: what programs are made of.
shrink: the shortest program that still disagrees.
"""
