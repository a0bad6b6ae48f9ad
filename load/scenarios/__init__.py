"""The load scenarios: arrival rates over time, and the mix of operations.

scenario_table   the scenarios by name
arrival_plan     the due time and the operation of each request; pure and seeded
shared_arrivals  the part of a plan that one load process sends
stock            the items and sessions that a plan needs before its first arrival
parallel_plan    several arrival plans at the same time
scenario_file    a scenario of the user's own as values
scenario_reader  the reader of scenario files (YAML, JSON, Python)
data_files       rows of data, accounts and ready tokens from the user's own files
access_log       the mix and the arrival times of an access log
"""
