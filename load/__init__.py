"""Load tests: an arrival plan is sent when it is due, everything is recorded, and the record is judged by openapi.yaml.

Data flows plan -> dispatch -> execute -> record -> judge; the master adds up what its workers counted and judges the sum.

locustfile        the entry file of Locust; `python -m load` is Locust with it
locust_run        between Locust's events and messages and our own
worker_side       the worker's side of it
client            the program `python -m load.client`: the guide's clients and the findings about them
options           our command line options
run_options       what they ask for
scenario_factory  from the options to the run that they ask for
command_line      exit codes and one-line mistakes of our own programs
master_port       a port of its own for each local distributed run
scenarios         what is asked for, how often and when
runs              a run from its config to its result: coordinator, workers, and the runs that are no arrival plan
engine            dispatcher, executor, recorder: how one process sends its share
http              connections, parsing, timestamps
journeys          how each operation is asked for, and what its answer teaches
virtual_users     Locust users that are the guide's clients
realtime          the realtime channel: reconnect policies, sockets, storms
proxy             a TCP proxy with Toxiproxy's faults
results           judging, statistics, files, terminal, live views
"""
