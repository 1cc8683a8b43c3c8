"""A template deployment as the state keeps it: its steps, the answer to each, and its progress."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple, Self

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .records import Records

TYPE = "Microsoft.Resources/deployments"
# The ids of the deployments that have steps to send, so that reading them is free if there are none.
_UNFINISHED = "deployments"


class StepState(NamedTuple):
    """The state of a step: `Pending`, `Running`, `Succeeded` or `Failed`, since when, with which error."""

    state: str
    at: datetime | None = None
    error: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeploymentStep:
    """One resource of a deployment.

    Attributes:
        body: The body for its resource provider, including passwords; None once it was sent.
        sent_at: When it was sent, as an ISO time.
        status: The HTTP status of the answer.
        operation_id: The operation that the answer began.
        error: The error with which it was refused.
    """

    id: str
    type: str
    name: str
    api_version: str
    location: str | None
    depends_on: tuple[str, ...]
    body: Mapping[str, Any] | None = field(repr=False)
    sent_at: str | None = None
    status: int | None = None
    operation_id: str | None = None
    error: Mapping[str, Any] | None = None

    def answered(
        self,
        now: datetime,
        status: int,
        operation_id: str | None = None,
        error: Mapping[str, Any] | None = None,
    ) -> DeploymentStep:
        """Return the step after it was sent."""
        return replace(
            self, body=None, sent_at=now.isoformat(), status=status, operation_id=operation_id, error=error
        )

    def state(self, records: Records, now: datetime) -> StepState:
        """Return its state."""
        if self.sent_at is None:
            return StepState("Pending")
        sent_at = datetime.fromisoformat(self.sent_at)
        if self.error is not None:
            return StepState("Failed", sent_at, self.error)
        operation = None if self.operation_id is None else records.operation(self.operation_id)
        if operation is None:
            return StepState("Succeeded", sent_at)
        if not operation.settled and now < operation.shown_at:
            return StepState("Running", sent_at)
        if operation.status == "Succeeded":
            return StepState("Succeeded", operation.ends_at)
        return StepState("Failed", operation.ends_at, _failure(self.id, operation.code, operation.message))


def _failure(resource_id: str, code: str, message: str) -> dict[str, Any]:
    """Return the error of a resource whose operation failed (as azure-docs and public issues quote it)."""
    return {
        "code": "ResourceDeploymentFailure",
        "target": resource_id,
        "message": (
            "The resource write operation failed to complete successfully, because it reached terminal "
            "provisioning state 'Failed'."
        ),
        "details": [{"code": code, "message": message}],
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """A deployment into a resource group.

    Attributes:
        base: Scheme and host of the URL that its client used, for the requests of its steps.
        started_at: When it began, as an ISO time.
        parameters: The parameters as they are shown: secure ones without their values.
    """

    id: str
    name: str
    operation_id: str
    correlation_id: str
    base: str
    started_at: str
    template_hash: str
    parameters: Mapping[str, Any]
    outputs: Mapping[str, Any]
    steps: tuple[DeploymentStep, ...]

    @property
    def started(self) -> datetime:
        """When it began."""
        return datetime.fromisoformat(self.started_at)

    def state(self, records: Records, now: datetime) -> StepState:
        """Return its state. A failed step stops only the steps that depend on it, and the rest is awaited."""
        states = [step.state(records, now) for step in self.steps]
        if any(one.state == "Running" for one in states):
            return StepState("Running", self.started)
        ended = max((one.at for one in states if one.at is not None), default=self.started)
        errors = [one.error for one in states if one.error is not None]
        if errors:
            return StepState("Failed", ended, _deployment_failed(self.id, errors))
        return StepState("Succeeded" if self.is_sent else "Running", ended)

    @property
    def is_sent(self) -> bool:
        """Whether every step was sent."""
        return all(step.sent_at is not None for step in self.steps)

    def with_step(self, changed: DeploymentStep) -> Deployment:
        """Return the deployment with one step changed."""
        return replace(self, steps=tuple(changed if step.id == changed.id else step for step in self.steps))

    def abandoned(self) -> Deployment:
        """Return the deployment without the bodies of the steps that will never be sent."""
        return replace(self, steps=tuple(replace(step, body=None) for step in self.steps))

    def to_document(self) -> dict[str, Any]:
        """Write it as JSON data."""
        return {"type": TYPE, **asdict(self)}

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """Read what `to_document` wrote."""
        steps = (
            DeploymentStep(**{**step, "depends_on": tuple(step["depends_on"])}) for step in document["steps"]
        )
        values = {key: value for key, value in document.items() if key not in {"type", "steps"}}
        return cls(**values, steps=tuple(steps))


def _deployment_failed(deployment_id: str, errors: list[Mapping[str, Any]]) -> dict[str, Any]:
    return {
        "code": "DeploymentFailed",
        "target": deployment_id,
        "message": (
            "At least one resource deployment operation failed. Please list deployment operations for "
            "details. Please see https://aka.ms/arm-deployment-operations for usage details."
        ),
        "details": errors,
    }


def find_deployment(records: Records, deployment_id: str) -> Deployment | None:
    """Find a deployment by its resource id."""
    stored = records.resource(deployment_id)
    return None if stored is None else Deployment.from_document(stored)


def put_deployment(records: Records, deployment: Deployment, *, unfinished: bool) -> None:
    """Write a deployment, and whether it has steps that are still to be sent."""
    records.put_resource(deployment.id, deployment.to_document())
    others = [one for one in unfinished_deployments(records) if one.lower() != deployment.id.lower()]
    records.put_setting(_UNFINISHED, [*others, *([deployment.id] if unfinished else [])] or None)


def unfinished_deployments(records: Records) -> list[str]:
    """Return the ids of the deployments that have steps to send."""
    found: list[str] = records.setting(_UNFINISHED) or []
    return found


def forget_unfinished(records: Records, deployment_id: str) -> None:
    """Stop waiting for a deployment that is gone."""
    left = [one for one in unfinished_deployments(records) if one != deployment_id]
    records.put_setting(_UNFINISHED, left or None)
