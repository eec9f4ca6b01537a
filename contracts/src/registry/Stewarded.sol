// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AccessControl} from "@openzeppelin/contracts/access/AccessControl.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {IRegistry} from "../interfaces/IRegistry.sol";

/// @title What both halves of the registry share: roles and the signing domain
/// @author Orlop
/// @notice The admin names stewards; the steward admits, drains, retires, suspends.
abstract contract Stewarded is IRegistry, AccessControl, EIP712 {
    /// @notice Role of the steward.
    bytes32 public constant STEWARD_ROLE = keccak256("STEWARD_ROLE");

    constructor(address admin) EIP712("Orlop", "1") {
        _grantRole(DEFAULT_ADMIN_ROLE, admin);
        _grantRole(STEWARD_ROLE, admin);
    }

    /// @inheritdoc IRegistry
    function isSteward(address account) public view returns (bool) {
        return hasRole(STEWARD_ROLE, account);
    }
}
