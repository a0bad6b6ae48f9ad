"""The load engine of one process: the dispatcher releases arrivals, the executor sends them, the recorder counts them.

dispatcher        sends each arrival at its due time, independently of earlier answers
send_window       the time in which a process sends; it also gives up requests that are too old
request_executor  one request from its due time to its end: render, send, judge, learn, record
in_flight         requests in flight, and the calls of the history
recorder          exact counters and mergeable histograms, per operation and per second
warm_up           creates the sessions and items that must exist before the first arrival
clean_up          archives the items that the run created
token_refresh     one token refresh per session and expiry
task_failures     counts greenlets that end with an exception
schema_sample     checks a sample of the answers against their schemas
timing            precise sleeping, and the monitor of the process's own delay
"""
