"""Everything this room declares, loaded once at start."""

from registry.assets.service import PLACE_WATCHERS as ASSET_WATCHERS
from registry.contracts import covering, duties, lines, listing, service  # noqa: F401
from registry.contracts.covering import service_basis
from registry.contracts.lending import asset_placed, licence_placed
from registry.contracts.owed import contract_warranties
from registry.licences.service import PLACE_WATCHERS as LICENCE_WATCHERS
from registry.warranty.claims import CONTRACT_CHECKS, FURTHER_WARRANTIES

if contract_warranties not in FURTHER_WARRANTIES:
    FURTHER_WARRANTIES.append(contract_warranties)
    CONTRACT_CHECKS.append(service_basis)
    ASSET_WATCHERS.append(asset_placed)
    LICENCE_WATCHERS.append(licence_placed)
