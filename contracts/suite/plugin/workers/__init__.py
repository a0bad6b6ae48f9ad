"""Worker processes that run checks in parallel: each with its own embedded server, or all against the one target.

A sequential run of 23,000 requests takes 20 minutes at a round trip of 50 ms, and on this machine it leaves one of two cores idle.

`work_order`: which checks run in parallel, which alone, in what order, and in how many processes.
`concurrency`: how many checks run at once, which follows what the target does.
`worker_world`: the target as one process sees it.
`suite_worker`: the worker process, which runs the checks that it is given.
`worker_pool`: the controlling process's side, which hands out checks, collects reports and keeps the time budget.
`parallel_run`: the decision whether a run uses workers, and what they share.
"""
