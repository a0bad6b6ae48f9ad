"""A run from its config to its result. The coordinator tells the workers what to do and adds up what they count.

run_config       what a run is to do; travels from the coordinator to its workers
scenario_run     what every kind of run looks like to the entry file
coordinator      the whole of a run: prepare, go, collect, judge, write
worker_states    what the coordinator knows of its workers
clock_alignment  how far the clocks of two machines are apart
run_result       counts, history and the way it ended, judged and put into a Run
load_worker      the part of one process: warm up, send its share, drain, report
workload         what a worker does: the arrivals of a plan
own_users        users of a locustfile of one's own
capacity_search  the run that looks for the highest rate
sockets          the runs that are made of sockets: reconnect, write-fanout
"""
