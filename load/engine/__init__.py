"""The sending of one process: the dispatcher takes an arrival when it is due, the executor exchanges it, the recorder counts it.

dispatcher        sends each arrival at its due time, whatever earlier answers do
send_window       the time in which a process sends; gives up requests that are too old
request_executor  one request from its due time until it is settled: render, send, judge, learn, record
in_flight         requests under way, what was counted of them, and the calls of the history
recorder          exact counters and mergeable histograms, per operation and per second
warm_up           sessions and items that must exist before the first arrival
clean_up          archives what the run has made
token_refresh     one token refresh per session and expiry
task_failures     tasks of ours that died
schema_sample     judges a sample of the answers by their schema
timing            waking up on time, and watching whether the process did
"""
