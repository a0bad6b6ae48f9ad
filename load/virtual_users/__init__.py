"""Locust users as the guide's clients, each with its own cache, retries, tokens, timers and perhaps a socket.

roles             which clients can be picked: web, iOS, Android, realtime
user              one user: a client of the guide, its items and its socket
user_pool         what the users of one process share
user_tasks        what users do, as a table of weighted tasks
user_workload     the users of one process as a workload
http_session      one user's requests: sent, counted, written to the history
realtime_session  one user's sockets: connects, heartbeats and events, counted
history_facts     the facts of a request and its answer that checkers need
user_verdicts     what is judged of a population
guide             the guide's client as a pure state machine
drivers           virtual and real time, a scripted and a real server
experiments       named findings about the guide's client
"""
