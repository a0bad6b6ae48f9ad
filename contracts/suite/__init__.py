"""The contract suite: pytest checks of a server at a URL, which know the server only by its responses.

    pytest contracts --target http://127.0.0.1:8000 [-m smoke] [--seed 7] [--run-out run.json]

`contract_violation` has the exceptions and assertions of checks; `hooks` registers the suite with Schemathesis' own command line.

`client` sends requests, `judging` judges every response of every test, `world` is the target with its accounts, `realtime` has the
WebSocket clients, `api` is the interface that checks use, `programs` generates and records sequences of requests, `schemathesis` runs that
library, `plugin` is the pytest plugin, and `checks` has the checks, one topic a file. Each imports only those before it; `checks` also
import the registry of `plugin`.
"""
