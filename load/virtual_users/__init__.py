"""Virtual users: Locust users that behave like the guide's clients, each with its own cache, retries, tokens and timers.

roles             the kinds of users: web, iOS, Android, realtime
user              one user: a client of the guide, its items and its sockets
user_pool         the shared state of the users of one process
user_tasks        the table of weighted user tasks
user_workload     the workload that runs the users of one process
http_session      one user's HTTP requests: sent, counted, written to the history
realtime_session  one user's sockets: connects, heartbeats and events, counted
history_facts     the facts of a request and its answer that the checkers need
user_verdicts     verdicts on all users of a run
guide             the guide's client as a pure state machine
drivers           virtual time, real time, a scripted server and a real one
experiments       named findings about the guide's client
"""
