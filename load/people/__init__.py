"""People: Locust's users as the guide's clients, each with its own cache, retries, tokens, timers and, if it likes, socket.

The clients are the pure machines of load.client and load.realtime; here they meet a clock, a network and the books.

| file | what |
| --- | --- |
| roles.py | who can be picked: web, iOS, Android, realtime |
| person.py, habits.py | one person; what people do, as a table |
| carrier.py, facts.py, labels.py | a request on its way: sent, counted, remembered for the checkers |
| line.py | the person's sockets: connects, heartbeats and events, counted too |
| crew.py, act.py | what the people of one process share; their part of a run |
| verdicts.py | what is said of them in the end |
"""
