"""The factory of runs: it makes the run that the options ask for, which has an arrival plan in most scenarios.

Every mistake of a caller is found here, before the first request; MISTAKES are one line each.
"""

import argparse
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from contracts.command.document_options import check_login
from contracts.dialect import dialect_of
from contracts.dialect.channel_place import STORMS, impossible
from contracts.network.target_url import InvalidTarget
from contracts.spec import Spec, SpecError
from load import options, run_options
from load.journeys import ALL
from load.journeys.foreign_journeys import foreign_journeys
from load.results.run_outputs import Outputs
from load.results.samples import refusal
from load.run_options import RunRequest
from load.runs.capacity_search.capacity import CapacitySearch
from load.runs.coordinator import Coordinator
from load.runs.run_config import OptionError, RunConfig
from load.runs.scenario_run import ScenarioRun
from load.runs.sockets.reconnect import ReconnectRun
from load.runs.sockets.write_fanout import FanOutRun
from load.scenarios.arrival_plan import PlanError
from load.scenarios.data_files import VARIABLE
from load.scenarios.scenario_table import SOCKETS
from load.virtual_users.roles import ARRIVALS, ROLES, chosen
from load.virtual_users.user_tasks import of

LOGS_IN = frozenset({"reconnect", "write-fanout"})
"""Scenarios whose clients need accounts, beside those of people."""
MISTAKES = (OptionError, PlanError, InvalidTarget, SpecError)


def own_classes(user_classes: Sequence[type]) -> tuple[str, ...]:
    """The names of the user classes of a locustfile of the user's own that use our client."""
    return tuple(kind.__name__ for kind in user_classes if getattr(kind, "of_ones_own", False))


def refuse_unsupported(given: argparse.Namespace, user_classes: Sequence[type]) -> None:
    """Raise OptionError for what Locust's command line can ask for and we would leave undone in silence."""
    own = own_classes(user_classes)
    ours = own or (ARRIVALS, *ROLES)
    foreign = sorted(kind.__name__ for kind in user_classes if kind.__name__ not in ours)
    if foreign:
        raise OptionError(
            f"{', '.join(foreign)}: no subclass of ApiUser, so what it does would be counted nowhere and judged by nobody; "
            'load/README.md, "User classes of your own", shows how it uses our client and judging, in a locustfile alone'
        )
    if own:
        return
    roles = chosen(given.scenario, given.user_classes or ())
    tags, without = frozenset(given.tags or ()), frozenset(given.exclude_tags or ())
    if (tags or without) and not roles:
        raise OptionError(
            "-T and -E pick tasks of users, and an arrival plan has none; use a scenario of users or --scenario-file"
        )
    for name in roles:
        left = [t for t in of(ROLES[name]) if (not tags or tags & {*t.tags}) and not without & {*t.tags}]
        if not left:
            known = sorted({tag for task in of(ROLES[name]) for tag in task.tags})
            raise OptionError(f"no task of {name} is left by -T and -E; its tags are {', '.join(known)}")


def make(asked: RunRequest) -> ScenarioRun:
    """The run, ready to be executed; one of MISTAKES where it cannot be."""
    asked.target  # noqa: B018 - a stranger is refused before anything else is looked at
    check_login(asked.spec)
    played = [ROLES[name].scenario for name in asked.roles if name in ROLES]
    options.refuse_options_of_other_scenarios(
        asked.given, played or (asked.given.scenario_file or asked.given.scenario or options.DEFAULT,)
    )
    if asked.given.scenario_file:
        return _plan_run(asked)
    if asked.tokens and (asked.given.scenario in LOGS_IN or (asked.roles and not asked.own)):
        raise OptionError(
            f"{'TCHAT_TOKENS' if asked.tokens == VARIABLE else '--tokens'}: the clients of "
            f"{', '.join(asked.roles) or asked.given.scenario} log in by themselves; leave it out"
        )
    if asked.roles:
        return _population_run(asked)
    if asked.given.scenario == SOCKETS:
        _refuse_without(asked, ("createContentItem", "updateContentItem"))
    return MAKERS.get(asked.given.scenario, _plan_run)(asked)


def _population_run(asked: RunRequest) -> ScenarioRun:
    if any(name in ROLES and ROLES[name].connected for name in asked.roles):
        _refuse_without(asked, ())
    return _coordinator(asked, run_options.population_config(asked))


def _plan_run(asked: RunRequest) -> ScenarioRun:
    config = run_options.file_config(asked) if asked.given.scenario_file else run_options.plan_config(asked)
    return _coordinator(asked, allowed(asked.spec, config))


def _coordinator(asked: RunRequest, config: RunConfig) -> ScenarioRun:
    return Coordinator(asked.spec, config, tell=asked.tell, gone=asked.gone, outputs=_outputs(asked))


def allowed(spec: Spec, config: RunConfig) -> RunConfig:
    """The configuration for the target's document: without the journeys that it does not allow, and with the operations that only it has."""
    dialect = dialect_of(spec)
    if dialect is None:
        return config
    found = foreign_journeys(dialect, ALL)
    own = tuple(operation.id for operation in dialect.unmodelled if operation.id in found.journeys)
    return replace(config, left_out=tuple(found.left_out), unmodelled=own)


def _outputs(asked: RunRequest, *, calls: bool = True) -> Outputs:
    """`calls`: the scenario keeps a history of its calls."""
    given = asked.given
    samples = run_options.path(given.samples)
    if not calls and (given.history_out or samples):
        raise OptionError(
            f"{given.scenario} keeps no history of its calls: leave out --history-out and --samples"
        )
    if samples is not None and (why := refusal(samples)):
        raise OptionError(why)
    found = Outputs(
        run=run_options.path(given.run_out), history=run_options.path(given.history_out), samples=samples,
        report=run_options.path(given.report),
    )  # fmt: skip
    if why := found.refusal():
        raise OptionError(why)
    return found


def _refuse_without(asked: RunRequest, operations: Iterable[str]) -> None:
    reason = impossible(asked.spec, operations)
    if reason:
        raise OptionError(f"--scenario {asked.given.scenario}: {reason}")


def _reconnect(asked: RunRequest) -> ScenarioRun:
    _refuse_without(asked, STORMS)
    outputs = _outputs(asked, calls=False)
    return ReconnectRun(asked.spec, asked.target, run_options.storm_options(asked), outputs=outputs)


def _capacity(asked: RunRequest) -> ScenarioRun:
    config = allowed(asked.spec, replace(run_options.plan_config(asked), climb=0))
    outputs = _outputs(asked, calls=False)
    return CapacitySearch(asked.spec, config, tell=asked.tell, gone=asked.gone, outputs=outputs)


def _fan_out(asked: RunRequest) -> ScenarioRun:
    _refuse_without(asked, ("createContentItem", "updateContentItem", "getContentItem", "getContentItems"))
    plan = run_options.fan_out_plan(asked)
    return FanOutRun(asked.spec, asked.target, plan, report=asked.report, outputs=_outputs(asked))


MAKERS: Mapping[str, Callable[[RunRequest], ScenarioRun]] = MappingProxyType(
    {"reconnect": _reconnect, "write-fanout": _fan_out, "capacity": _capacity}
)
