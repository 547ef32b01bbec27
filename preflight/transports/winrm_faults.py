"""Why a host cannot be talked to over WinRM: all rows, in the order in which they are tried."""

from __future__ import annotations

from preflight.transports.winrm_faults_service import SERVICE_ROWS
from preflight.transports.winrm_faults_way import WAY_ROWS, FaultRow

__all__ = ["ROWS", "FaultRow"]

ROWS = WAY_ROWS + SERVICE_ROWS
