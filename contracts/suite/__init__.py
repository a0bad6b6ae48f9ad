"""The contract suite: pytest against a URL. It knows a server only by what the server answers.

    pytest contracts --target http://127.0.0.1:8000 [-m smoke] [--seed 7] [--run-out run.json]

`registry` lists every check with its law and its source; `plugin` is what pytest sees; the `test_*` files are
the laws, one topic each.
"""
