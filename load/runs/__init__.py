"""The runs of scenarios: a coordinator gives orders to load workers and adds up their counts.

run_config       the configuration of a run, which the coordinator sends to its workers
scenario_run     the interface of all kinds of runs
coordinator      the coordinator of a run: prepare, go, collect, judge, write
worker_states    the coordinator's state of its workers
clock_alignment  the difference of the clocks of two machines
overload         the verdict on a target that cannot carry the rate that nobody asked for
run_result       the result of a run, judged and put into a Run
load_worker      one load process of a run: warm up, send its share, drain, report
workload         the workload of one process: the arrivals of a plan
own_users        the workload of users from the user's own locustfile
capacity_search  the search for the highest rate
sockets          the scenarios with sockets: reconnect, write-fanout, held sockets
"""
