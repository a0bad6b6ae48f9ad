"""The result of a run: counts, history and the way it ended, judged and put into a Run."""

from collections import Counter
from collections.abc import Mapping

from contracts.command.collector_pause import uncollected
from contracts.run import LoadResult
from contracts.run.lanes import LaneRecord, of_load
from contracts.spec import Spec
from contracts.verdict import Grade, Verdict
from load.engine import clean_up
from load.engine.recorder import LoadRecorder
from load.results import own_measures, run_builder
from load.results.foreign_verdicts import foreign_verdicts
from load.results.history_file import HistoryFile
from load.results.judging import health, verdicts
from load.results.reconciliation import Served, reconciled
from load.runs.overload import without_overload
from load.runs.run_config import RunConfig
from load.runs.scenario_run import grade_of
from load.runs.sockets.held_sockets import held_verdicts
from load.runs.worker_states import WorkerStates
from load.scenarios.arrival_plan import ArrivalPlan
from load.scenarios.parallel_plan import ParallelPlan
from load.scenarios.scenario_table import GATE
from load.virtual_users import user_verdicts


def operations(
    spec: Spec, config: RunConfig, plan: ArrivalPlan | ParallelPlan, total: LoadRecorder
) -> list[str]:
    """The operations of the plan, or those that users requested, in document order."""
    if config.population is not None:
        return [operation.id for operation in spec.endpoints if operation.id in total.tallies]
    asked = config.operations(plan)
    return [operation.id for operation in spec.endpoints if operation.id in asked]


def absent(config: RunConfig, plan: ArrivalPlan | ParallelPlan, total: LoadRecorder) -> Mapping[str, int]:
    """Operation -> planned requests that were not counted."""
    if config.population is not None or not isinstance(plan, ArrivalPlan) or plan.recorded:
        return {}
    cards = sum(plan.mix.values()) or 1
    due: Counter[str] = Counter()
    for name, weight in plan.mix.items():
        due[name.partition(":")[0]] += round(plan.rate * plan.seconds * weight / cards)
    for _, name, count in plan.bursts:
        due[name.partition(":")[0]] += count
    return {
        name: max(0, count - (total.tallies[name].planned if name in total.tallies else 0)) for name, count in due.items()
    }  # fmt: skip


def loaded(
    spec: Spec, config: RunConfig, plan: ArrivalPlan | ParallelPlan, *, total: LoadRecorder, history_file: HistoryFile,
    workers: WorkerStates, served: tuple[Served | None, Served | None],
) -> tuple[LoadResult, list[LaneRecord]]:  # fmt: skip
    """(the load's result, the pictures of its failed histories). `served` is the server's journal before and after the run."""
    asked, holes = operations(spec, config, plan, total), workers.holes
    history_file.alignments = workers.alignments()
    unplaced = {name for name in workers.clocks if name not in history_file.alignments}
    with uncollected():
        history, whole = history_file.closed(without=workers.incomplete | unplaced)
    cpu = max(workers.cpu, default=None)
    found = verdicts(
        spec, total, operations=asked, claim=config.claim, cpu=cpu, history=history, whole=whole,
        holes=[*holes, *(f"the clock of load process {workers.all[name]} is not known" for name in sorted(unplaced))],
        absent=absent(config, plan, total) if holes else {},
    )  # fmt: skip
    if config.scenario == GATE and config.rate is None:
        found = without_overload(found, total)
    found += foreign_verdicts(spec, asked, total)
    found += clean_up.leftovers(sum(int(report.get("left", 0)) for report in workers.reports))
    found += own_measures.verdicts(total)
    if config.clients:
        found += held_verdicts(
            config.clients,
            [report.get("sockets", {}) for report in workers.reports],
            health(total, cpu).blind,
        )
    if config.population is not None and not config.population.own:
        found += user_verdicts.verdicts(workers.reports, total, health(total, cpu))
    found.append(reconciled(*served, total.wire, holes))
    load = run_builder.result(
        scenario=config.scenario, plan=config.words, seed=config.seed, seconds=workers.seconds or plan.seconds,
        operations=asked, recorder=total, cpu=cpu, verdicts=found,
    )  # fmt: skip
    return load, of_load(config.scenario, history, found)


def not_begun(workers: WorkerStates, *, stopped: bool, patience: float) -> Verdict:
    """The verdict of a run that ended before the first arrival."""
    if workers.refused is not None:
        line, code = workers.refused
        return Verdict(check="warm-up", grade=grade_of(code), reason=line)
    reason = f"not all load processes were ready after {patience:g} s"
    if stopped:
        reason = "stopped"
    elif workers.holes:
        reason = "; ".join(workers.holes)
    return Verdict(check="warm-up", grade=Grade.UNKNOWN, reason=f"{reason}, before the first arrival")


def ended_early(
    workers: WorkerStates, plan: ArrivalPlan | ParallelPlan, *, aborted: str, stopped: bool, endless: bool
) -> list[Verdict]:
    """The verdicts on the end of the run: a worker was lost, the target stopped answering, or the user stopped the run."""
    found = (
        [Verdict(check="run", grade=Grade.UNKNOWN, reason="; ".join(workers.holes))] if workers.holes else []
    )
    if workers.silent or aborted:
        found.append(Verdict(check="run", grade=Grade.FAIL, reason=workers.silent or aborted))
    elif stopped and not endless:
        reason = f"stopped after {workers.seconds:.0f} of {plan.seconds:.0f} s, so it does not say what the whole run would have"
        found.append(Verdict(check="run", grade=Grade.UNKNOWN, reason=reason))
    return found
