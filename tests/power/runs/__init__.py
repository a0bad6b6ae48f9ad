"""Runs that show whether a fault is detected.

fault_bench: one reference server, one fault at a time, and the checks that the fault names.
load_run: a short load run with one fault on.
whole_suite: the whole suite on the clean server over many seeds, and with one fault on.
stock_schemathesis: what Schemathesis' own command line finds of each fault.
schemathesis_command: that command line, as its user would run it.
cascades: one broken thing at a time: how many checks fail, and in how many causes the suite tells it.
fuzz_rate: how many fuzz cases a second are sent and judged.
"""
