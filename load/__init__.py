"""Load tests: an arrival plan is sent when it is due, everything is recorded, and the record is judged by openapi.yaml.

Data flows plan -> dispatch -> execute -> record -> judge; the master adds up what its workers counted and judges the sum.

locustfile        the entry file of Locust; `python -m load` is Locust with it
locust_run        the bridge between Locust's events and messages and our own
worker_side       the worker's side of that bridge
client            the program `python -m load.client`: the guide's clients and the findings about them
options           our command line options
run_options       run configurations from the options
scenario_factory  the runs of scenarios, made from the options
command_line      the begin and the end of our own programs: target, exit codes, one-line mistakes
master_port       a port of its own for each local distributed run
scenarios         the scenarios: operations, rates and times
runs              runs from configuration to result: coordinator, workers, and runs without an arrival plan
engine            dispatcher, executor and recorder of one process
http              connections, parsing, timestamps
journeys          the requests of each operation, and what is learned from their answers
virtual_users     Locust users that behave like the guide's clients
realtime          the realtime channel: reconnect policies, sockets, storms
proxy             a TCP proxy with Toxiproxy's faults
results           judging, statistics, files, terminal, live views
"""
