"""The values that the whole house speaks of. Frozen; times are aware UTC; ids are the database's integers."""

from runtime.records.approvals import (
    Approval,
    ApprovalKind,
    Decision,
    Grant,
    GrantKind,
    GrantScope,
    Requirement,
    Verdict,
)
from runtime.records.changing import changed
from runtime.records.deliveries import URGENCY, Delivery
from runtime.records.ids import ApprovalId, CallId, DeliveryId, GrantId, JsonObject, LinkRequestId, RunId
from runtime.records.people import LinkEvent, LinkRequest, Notice
from runtime.records.places import Attachment, ConversationRef, IncomingMessage, MessageRef, Reasoning, UserRef
from runtime.records.work import (
    Denial,
    DeniedBy,
    Effect,
    Event,
    Lease,
    Observation,
    Risk,
    Run,
    Step,
    ToolCall,
    Usage,
    Workspace,
)

__all__ = [
    "URGENCY",
    "Approval",
    "ApprovalId",
    "ApprovalKind",
    "Attachment",
    "CallId",
    "ConversationRef",
    "Decision",
    "Delivery",
    "DeliveryId",
    "Denial",
    "DeniedBy",
    "Effect",
    "Event",
    "Grant",
    "GrantId",
    "GrantKind",
    "GrantScope",
    "IncomingMessage",
    "JsonObject",
    "Lease",
    "LinkEvent",
    "LinkRequest",
    "LinkRequestId",
    "MessageRef",
    "Notice",
    "Observation",
    "Reasoning",
    "Requirement",
    "Risk",
    "Run",
    "RunId",
    "Step",
    "ToolCall",
    "Usage",
    "UserRef",
    "Verdict",
    "Workspace",
    "changed",
]
