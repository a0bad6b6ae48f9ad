"""Code that the commands of all packages share.

| file | content |
| --- | --- |
| exit_code.py | the table of exit codes, and `Stop` |
| outermost.py | the outermost exception handler: every error becomes one line and an exit code |
| argument_parser.py | argparse with exit code 64 for usage errors; parsing of durations |
| document_options.py | the options `--spec` and `--overlay` |
| atomic_file.py | replacing a file atomically |
| redaction.py | removing tokens and other secrets from text |
| child_guard.py | a process that ends a command when the program that started it has died |
| loopback.py | recognizing addresses of this machine |
| browser_guard.py | recognizing requests to a local interface that a web page sends |
| collector_pause.py | pausing the cyclic garbage collector |
"""
