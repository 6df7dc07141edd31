"""Looking for the standing approval that spares a call the question."""

from datetime import datetime

from runtime.archive import Archive
from runtime.grants import subjects_of
from runtime.intents import Intent
from runtime.policy import Policy
from runtime.records import Grant, GrantId, Run


def find_standing(record: Archive, policy: Policy, intent: Intent, run: Run, at: datetime) -> Grant | None:
    """The first that counts for a call that would be the run's next."""
    if policy.demand(intent, run).requirement is None:
        return None
    subjects = subjects_of(run, policy.roles.persons)
    found = record.find_grants(tool=intent.tool, digest=intent.digest, subjects=subjects, at=at)
    return next((grant for grant in found if policy.spares(grant, intent, run)), None)


def still_stands(record: Archive, policy: Policy, intent: Intent, run: Run, at: datetime, held: GrantId | None) -> bool:
    """Whether a recorded call may run by a standing approval: the one whose use was counted for it, or one without count."""
    subjects = subjects_of(run, policy.roles.persons)
    found = record.find_grants(tool=intent.tool, digest=intent.digest, subjects=subjects, at=at, held=held)
    counted = (grant for grant in found if grant.id == held or grant.most_uses is None)
    return any(policy.spares(grant, intent, run) for grant in counted)
