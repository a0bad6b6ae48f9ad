"""What the commands of all packages share, so that it stands once.

| file | content |
| --- | --- |
| exit_code.py | the table of exit codes, and `Stop` |
| outermost.py | the outermost handler: whatever happens becomes one line and a code of that table |
| argument_parser.py | argparse with 64 for a wrong command line; the time of an option |
| document_options.py | `--spec` and `--overlay` |
| atomic_file.py | writing a file so that no reader sees half of it |
| redaction.py | text without tokens and other secrets |
| child_guard.py | a process that ends a command when the program that started it has died |
| loopback.py | whether an address cannot leave this machine |
| browser_guard.py | whether a request to an interface of this machine may come from a web page |
| collector_pause.py | no cyclic garbage collection while many small values are made |
"""
