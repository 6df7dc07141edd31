"""The ids that the database gives. What leaves the house carries the installation's id as well."""

from collections.abc import Mapping
from typing import Any, NewType, TypeAlias

RunId = NewType("RunId", int)
CallId = NewType("CallId", int)
ApprovalId = NewType("ApprovalId", int)
GrantId = NewType("GrantId", int)
DeliveryId = NewType("DeliveryId", int)
LinkRequestId = NewType("LinkRequestId", int)

JsonObject: TypeAlias = Mapping[str, Any]
