"""Checks side by side in several processes: each with its own server where the suite starts one, else all on the one target.

A run of 23,000 requests in a row takes 20 minutes at 50 ms a round trip, and near by it leaves one of two cores idle.

`work_order`: which checks run at once, which alone, in what order, and in how many processes.
`worker_world`: one process's view of the target.
`suite_worker`: the process that runs one check after another, as it is told.
`worker_pool`: the pytest process: hands the checks out, takes the reports in, keeps the time budget.
`parallel_run`: whether a run takes workers, and what they share.
"""
