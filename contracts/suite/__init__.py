"""The contract suite: pytest against a URL. It knows a server only by what the server answers.

    pytest contracts --target http://127.0.0.1:8000 [-m smoke] [--seed 7] [--run-out run.json]

`contract_violation` is how a check speaks; `hooks` registers the suite with Schemathesis' own command line.

`client` sends requests, `judging` judges every answer whatever test asked for it, `world` is the target with its accounts,
`realtime` has the sockets, `api` is what a check holds in its hands, `programs` generates and records sequences of requests,
`schemathesis` drives that library, `plugin` is what pytest sees, and `checks` are the laws, one topic a file. Each imports only
those before it; `checks` import the registry of `plugin` too.
"""
